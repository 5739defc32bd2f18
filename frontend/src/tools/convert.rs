//! `convert`: conversion of a Dockerfile to a Stagefile on the command line.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use buildkit_dockerfile::Mistake;
use buildkit_llb::Platform;
use clap::Args;
use stagefile_language::diagnostic::{Diagnostics, failure};
use stagefile_language::driver;
use stagefile_language::plan::Request;
use stagefile_language::source::{Source, Sources};

use super::{check, reading};
use crate::convert::{Context, Kind, Style, convert};
use crate::error::{AnyError, ResultExt as _};

/// The maximum number of entries of a directory that are read.
const MAX_ENTRIES: usize = 10_000;

/// What is converted, and to what.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The Dockerfile; `-` for standard input
    #[arg(default_value = "Dockerfile")]
    path: PathBuf,
    /// The build context, whose files tell what is a directory [default: the current directory, or the file's where that has
    /// what the file copies]
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
    /// Leave variables that only scripts use out of the image
    #[arg(long)]
    tidy: bool,
    /// The file to write, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long, requires = "output")]
    force: bool,
}

/// The output.
#[derive(Debug)]
pub enum Outcome {
    /// The Stagefile; empty if it was written to a file.
    Converted(String),
    /// What can't be converted, with its locations.
    Refused(String),
}

/// Converts a file.
///
/// # Errors
///
/// Returns an error for a file that can't be read or written.
pub fn run(arguments: &Arguments) -> Result<Outcome, AnyError> {
    let path = &arguments.path;
    let name = path.display().to_string();
    let is_input = path.as_os_str() == "-";
    let context = arguments.context.as_deref().unwrap_or(Path::new("."));
    let bytes = if is_input {
        reading::read_standard_input()
    } else {
        reading::read(path, context)
    };
    let bytes = bytes.or_message(|| format!("can't read {name}"))?;
    let text = String::from_utf8_lossy(&bytes);
    let style = Style {
        tidy: arguments.tidy,
    };
    let beside = path
        .parent()
        .filter(|beside| !is_input && !beside.as_os_str().is_empty());
    let directory = match (&arguments.context, beside) {
        (Some(context), _) => context.as_path(),
        (None, Some(beside)) if !has_sources(Path::new("."), &text) => beside,
        (None, _) => Path::new("."),
    };
    let converted = checked(&text, style, &Directory(directory.to_owned()));
    let converted = match converted {
        Ok(converted) => converted,
        Err(mistakes) => {
            let (sources, found) = report(&Source::new(name, text), &mistakes);
            return Ok(Outcome::Refused(failure(&sources, &found)));
        }
    };
    let Some(output) = &arguments.output else {
        return Ok(Outcome::Converted(converted));
    };
    write(output, &converted, arguments.force)?;
    Ok(Outcome::Converted(String::new()))
}

/// Converts a file, and adds a comment at the top about errors in the resulting Stagefile.
///
/// # Errors
///
/// Returns the same errors as [`convert`].
pub fn checked(text: &str, style: Style, context: &dyn Context) -> Result<String, Vec<Mistake>> {
    let converted = convert(text, style, context)?;
    let platform = Platform::host();
    let request = Request::new(platform);
    let checked = check::lowered(driver::check(
        &Source::new("Stagefile", converted.as_str()),
        &request,
    ));
    let errors = checked.found.errors();
    // Arguments that must be provided were required before, too.
    let errors = errors
        .iter()
        .filter(|error| error.code.name != "missing-argument");
    let notes = errors.fold(String::new(), |notes, error| {
        notes + "# convert: " + &error.message.replace('\n', " ") + "\n"
    });
    if notes.is_empty() {
        return Ok(converted);
    }
    let (first, rest) = converted
        .split_once('\n')
        .unwrap_or((converted.as_str(), ""));
    Ok(format!("{first}\n{notes}{rest}"))
}

/// Writes a file, which must not exist unless it is to be replaced.
fn write(path: &Path, text: &str, force: bool) -> Result<(), AnyError> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let file = options.open(path);
    let mut file = match file {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(
                format!("{} is there already; `--force` replaces it", path.display()).into(),
            );
        }
        file => file.or_message(|| format!("can't write {}", path.display()))?,
    };
    file.write_all(text.as_bytes())
        .or_message(|| format!("can't write {}", path.display()))?;
    Ok(())
}

/// Reports whether a directory has anything that the file copies.
fn has_sources(directory: &Path, text: &str) -> bool {
    let directories = crate::convert::directories(text);
    directories
        .iter()
        .any(|one| !one.is_empty() && directory.join(one).is_dir())
        || directory.join("Dockerfile").is_file()
}

/// Converts mistakes to diagnostics.
pub(crate) fn report(source: &Source, mistakes: &[Mistake]) -> (Sources, Diagnostics) {
    let sources = Sources::new(source.clone());
    let mut found = Diagnostics::default();
    crate::dockerfile::check::report(sources.main(), mistakes, &mut found);
    (sources, found)
}

/// A local directory.
struct Directory(PathBuf);

impl Context for Directory {
    fn list(&self, directory: &str) -> Option<Vec<(String, Kind)>> {
        let entries = fs::read_dir(self.0.join(directory)).ok()?;
        let entries = entries.take(MAX_ENTRIES).filter_map(|entry| {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            let kind = if kind.is_symlink() {
                Kind::Link
            } else if kind.is_dir() {
                Kind::Directory
            } else {
                Kind::File
            };
            Some((entry.file_name().into_string().ok()?, kind))
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        Some(entries)
    }
}
