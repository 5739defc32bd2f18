//! `init`: generates the Stagefile of a project that has none.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use buildkit_gateway::ignore::IgnoreFile;
use clap::Args;
use stagefile_language::diagnostic::{Diagnostic, Diagnostics, failure};
use stagefile_language::diagnostics;
use stagefile_language::program::{Unread, UnreadKind};
use stagefile_language::source::{Source, Sources};
use stagefile_projects::{
    Answer, Entry, Files, Generated, Help, Kind, Manifest, Mistake, Project, Refusal,
};

use super::folder;
use super::reading::{self, Unreadable};
use crate::context::{self, Ignored, Listing};
use crate::error::{AnyError, ResultExt as _};

/// The default frontend.
pub const FRONTEND: &str = "stagefile/stagefile:dev";

/// The file with patterns of files that aren't transferred.
pub const IGNORE_FILE: &str = ".dockerignore";

/// The maximum number of hidden files that are named.
const MAX_HIDDEN: usize = 3;

/// The maximum number of times that rules may request more files.
pub const MAX_LOOKS: usize = 6;

/// Of what a Stagefile is made.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The project's folder, or its manifest, such as go.mod
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The build context [default: the folder that is named, or the current directory]
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
    /// A build argument that decides something
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::cli::pair)]
    build_arg: Vec<(String, String)>,
}

/// Generates the Stagefile of a project. The second value is a message about what can't be decided.
pub fn run(arguments: &Arguments) -> Result<Result<Generated, String>, AnyError> {
    let path = &arguments.path;
    let is_folder = path.is_dir();
    let manifest = if is_folder {
        manifest_of(path)?
    } else {
        path.clone()
    };
    let context = match &arguments.context {
        Some(context) => context,
        None if is_folder => path,
        None => Path::new("."),
    };
    let args = arguments.build_arg.iter().cloned().collect();
    let bytes = reading::read(&manifest, context);
    let bytes = bytes.or_message(|| format!("can't read {}", manifest.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    generate(&manifest, context, &text, &args)
}

/// Generates the Stagefile of a local manifest.
pub(crate) fn generate(
    manifest: &Path,
    context: &Path,
    text: &str,
    args: &BTreeMap<String, String>,
) -> Result<Result<Generated, String>, AnyError> {
    let path = below(manifest, context)?;
    let hidden = Hidden::of_folder(context, manifest)?;
    let mut files = Files::default();
    for _ in 0..MAX_LOOKS {
        let project = Project {
            path: &path,
            text,
            files: &files,
            args,
            frontend: FRONTEND,
        };
        match stagefile_projects::generate(&project) {
            Ok(Answer::Generated(generated)) => return Ok(Ok(generated)),
            Ok(Answer::Look(patterns)) => look(context, patterns, &hidden, &mut files),
            Err(mistake) => {
                let mistake = match hidden.describe() {
                    Some(hidden) => mistake.help(hidden),
                    None => mistake,
                };
                let (sources, found) = report(&mistake);
                return Ok(Err(failure(&sources, &found)));
            }
        }
    }
    Err(format!("{path}: there is no end of files that decide").into())
}

/// Generates the Stagefile of the only project in a directory of the context, for a Stagefile that
/// uses it.
pub(crate) fn of_folder(
    context: &Path,
    stagefile: &Path,
    folder: &str,
    args: &BTreeMap<String, String>,
) -> Result<String, Unread> {
    let hidden = Hidden::of_folder(context, stagefile).map_err(|error| error.to_string())?;
    let mut files = Files::default();
    for _ in 0..=MAX_LOOKS {
        let answer = stagefile_projects::generate_for(folder, &files, args, FRONTEND);
        let answer = answer.map_err(|mut refusal| {
            if let Some(hidden) = hidden.describe() {
                refusal.message = format!("{}; {hidden}", refusal.message);
            }
            unread(refusal)
        });
        match answer? {
            Answer::Generated(generated) => return Ok(generated.text),
            Answer::Look(patterns) => look(context, patterns, &hidden, &mut files),
        }
    }
    Err("there is no end of files that decide".into())
}

/// Returns the reason why a stage can't use the result of a manifest.
pub(crate) fn unread(refusal: Refusal) -> Unread {
    Unread {
        reason: refusal.message,
        kind: match refusal.kind {
            Kind::Undecided => UnreadKind::Unknown,
            Kind::Invalid => UnreadKind::InvalidManifest,
            Kind::Unsupported => UnreadKind::UnsupportedProject,
        },
    }
}

/// Returns the name of the Stagefile generated from a manifest.
pub fn made_of(manifest: &str) -> String {
    format!("Stagefile of {manifest}")
}

/// Reports whether a file is a manifest from which a Stagefile can be generated.
pub fn is_manifest(path: &Path) -> bool {
    path.to_str()
        .is_some_and(|path| Manifest::from_path(path).is_some())
}

/// Describes why there is no Stagefile, with the location.
pub fn report(mistake: &Mistake) -> (Sources, Diagnostics) {
    let sources = Sources::new(Source::new(mistake.file.as_str(), mistake.text.as_str()));
    let span = sources.main().span(mistake.range.start, mistake.range.end);
    let diagnostic = match mistake.kind {
        Kind::Invalid => diagnostics::invalid_manifest(&mistake.message, span),
        Kind::Undecided => diagnostics::undecided_project(&mistake.message, span),
        Kind::Unsupported => diagnostics::unsupported_project(&mistake.message, span),
    };
    let mut found = Diagnostics::default();
    let help = mistake.help.iter().map(Help::of_manifest);
    found.push(help.fold(diagnostic, Diagnostic::help));
    (sources, found)
}

/// Returns a hint that a directory without a Stagefile has a manifest.
pub(crate) fn hint(folder: &Path) -> String {
    let found = Manifest::names().find(|name| folder.join(name).is_file());
    let hint = |name| format!("; `stagefile init` makes a Stagefile of {name}");
    found.map(hint).unwrap_or_default()
}

/// Finds the only manifest in a directory.
fn manifest_of(folder: &Path) -> Result<PathBuf, AnyError> {
    let found = Manifest::names().filter(|name| folder.join(name).is_file());
    let found = Manifest::distinct(found);
    match found[..] {
        [name] => Ok(folder.join(name)),
        [] => {
            let names: Vec<&str> = Manifest::names().collect();
            Err(format!(
                "there is no manifest in {}: {}",
                folder.display(),
                names.join(", ")
            )
            .into())
        }
        _ => {
            let paths = found
                .iter()
                .map(|name| folder.join(name).display().to_string());
            let paths: Vec<String> = paths.collect();
            Err(format!(
                "there are several manifests; name the one of the program: {}",
                paths.join(", ")
            )
            .into())
        }
    }
}

/// Returns the path of a manifest relative to its context.
fn below(manifest: &Path, context: &Path) -> Result<String, AnyError> {
    let real = |path: &Path| {
        std::fs::canonicalize(path).or_message(|| format!("can't read {}", path.display()))
    };
    let parent = manifest
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let (folder, root) = (real(parent.unwrap_or(Path::new(".")))?, real(context)?);
    let path = folder.strip_prefix(&root).map_err(|_| {
        format!(
            "{} is not in the build context {}; name another with --context",
            manifest.display(),
            context.display()
        )
    })?;
    let path = path.join(manifest.file_name().unwrap_or_default());
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("{} is not UTF-8", path.display()).into())
}

/// Files that an ignore file excludes from a context. Rules don't see them, since they aren't
/// transferred in a build.
#[derive(Debug, Default)]
pub struct Hidden {
    file: IgnoreFile,
    /// The hidden files that were requested.
    paths: RefCell<BTreeSet<String>>,
}

impl Hidden {
    /// Hides what an ignore file excludes.
    pub(crate) fn by(file: IgnoreFile) -> Self {
        let paths = RefCell::default();
        Self { file, paths }
    }

    /// Hides what is excluded by the ignore file of a file, or else by that of its context.
    fn of_folder(context: &Path, file: &Path) -> Result<Self, AnyError> {
        let read = folder::ignore_file(context, file)?.map(|(path, bytes)| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            IgnoreFile::read(name.to_string_lossy(), &bytes)
        });
        Ok(Self::by(read.unwrap_or_default()))
    }

    /// Reports whether a file is visible, and records hidden ones.
    pub(crate) fn shows(&self, path: &str) -> bool {
        // A build reads this file itself.
        let shows = path == IGNORE_FILE || Ignored::new(&self.file).excludes(path).is_none();
        if !shows {
            self.paths.borrow_mut().insert(path.to_owned());
        }
        shows
    }

    /// Describes the hidden files, if there are any.
    pub(crate) fn describe(&self) -> Option<String> {
        let paths = self.paths.borrow();
        let named: Vec<&str> = paths.iter().map(String::as_str).take(MAX_HIDDEN).collect();
        let more = if paths.len() > named.len() {
            ", …"
        } else {
            ""
        };
        let name = &self.file.name;
        (!named.is_empty()).then(|| format!("{name} excludes {}{more}", named.join(", ")))
    }
}

/// Looks for local files.
fn look(root: &Path, patterns: Vec<String>, hidden: &Hidden, files: &mut Files) {
    for pattern in &patterns {
        let listing = Listing::of_directory(root, std::slice::from_ref(pattern));
        for path in listing
            .matches(pattern)
            .filter(|path| hidden.shows(path))
            .take(stagefile_projects::MAX_FILES)
        {
            let entry = match listing.kind(path) {
                Some(context::Kind::Directory) => Entry::Directory,
                _ => match reading::read_inside(&root.join(path), &[root]) {
                    Ok(bytes) => Entry::File(head(path, &bytes)),
                    // It exists, which is sufficient for most rules.
                    Err(Unreadable::TooLarge) => Entry::File(String::new()),
                    Err(_) => continue,
                },
            };
            files.add(path, entry);
        }
    }
    files.asked(patterns);
}

/// Returns the part of a file that rules read.
pub(crate) fn head(path: &str, bytes: &[u8]) -> String {
    let most = usize::try_from(stagefile_projects::most_bytes(path)).unwrap_or(usize::MAX);
    String::from_utf8_lossy(&bytes[..bytes.len().min(most)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_ignore_file_excludes_is_not_seen() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
        write("requirements.txt", "pytest\n");
        write("main.py", "print()\n");
        write("test_main.py", "import pytest\n");
        let manifest = root.path().join("requirements.txt");
        let made = || generate(&manifest, root.path(), "pytest\n", &BTreeMap::new()).unwrap();
        assert!(made().unwrap().text.contains("python -m pytest"));
        write(IGNORE_FILE, "test_*\n");
        assert!(!made().unwrap().text.contains("python -m pytest"));
        write(IGNORE_FILE, "*.py\n");
        let failure = made().unwrap_err();
        assert!(
            failure.contains(".dockerignore excludes main.py"),
            "{failure}"
        );
    }
}
