//! The command line: the tools on a file, without a daemon.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use buildkit_llb::{Graph, Platform};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diagnostic::{failure, render};
use crate::error::{AnyError, While as _, described};
use crate::expression::Platforms;
use crate::plan::External;
use crate::plan::Request;
use crate::program::Wanted;
use crate::source::Source;
use crate::tools::check::{Checked, check_asking};
use crate::tools::explain::explain;
use crate::tools::folder::{self, Folder};
use crate::tools::llb::{self, Offline};
use crate::tools::reading::{self, Unreadable};
use crate::tools::schema;
use crate::visible;

/// A frontend for BuildKit with a language of its own. Builds need nothing installed: begin a file with
/// `# syntax=stagefile/stagefile:dev` and run `docker buildx build -f Stagefile .`
#[derive(Debug, Parser)]
#[command(name = "stagefile", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Report all mistakes in a file
    Check(File),
    /// Print what a file compiles to, for `buildctl build`
    ///
    /// Without a daemon nothing is known of base images: their variables, users and directories are not applied unless
    /// `--image-config` gives them.
    Llb {
        #[command(flatten)]
        file: File,
        /// The form: what buildctl reads, or what people read
        #[arg(long, value_enum, default_value_t = Format::Proto)]
        format: Format,
    },
    /// Print the JSON Schema of the language, for editors
    Schema,
    /// Explain a diagnostic by its code
    Explain {
        /// The name in brackets behind `error` or `warning`
        code: String,
    },
}

/// What is read, and what for.
#[derive(Debug, Args)]
struct File {
    /// The file; `-` for standard input
    #[arg(default_value = "Stagefile")]
    path: PathBuf,
    /// The build context, whose files and `.dockerignore` count [default: the current directory, or the file's where that has
    /// what the file uses]
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
    /// The stage to build
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// A build argument
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    build_arg: Vec<(String, String)>,
    /// A copy of a file that the file imports from elsewhere than the build context
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    import: Vec<(String, String)>,
    /// The config of a base image: a file of the output of `docker image inspect`, or of OCI's JSON
    #[arg(long, value_name = "IMAGE=FILE", value_parser = pair)]
    image_config: Vec<(String, String)>,
    /// The platform of the image [default: this machine's]
    #[arg(long, value_parser = platform)]
    platform: Option<Platform>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A definition, as `buildctl build` reads it
    Proto,
    /// A tree
    Text,
    /// JSON
    Json,
    /// A graph for Graphviz
    Dot,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match run(command_line.verb) {
        Ok(code) => code,
        Err(error) => {
            // A reader that has seen enough, such as `head`, is no error.
            let closed = error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
            if !closed {
                say(&format!("error: {}\n", described(&*error)));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode, AnyError> {
    match verb {
        Verb::Check(file) => {
            let source = file.read()?;
            let offline = file.offline()?;
            let mut checked = file.check(&source, &offline).lowered();
            file.check_context(&mut checked)?;
            let report = checked.report();
            if report.is_empty() {
                print(&format!("{}: no problems\n", checked.sources.main().name()))?;
            } else {
                print(&format!("{report}\n"))?;
            }
            Ok(if checked.found.has_errors() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        }
        Verb::Llb { file, format } => print_llb(&file, format),
        Verb::Schema => {
            print(&schema::text())?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Explain { code } => {
            let page = explain(&code)?;
            print(&page)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn print_llb(file: &File, format: Format) -> Result<ExitCode, AnyError> {
    if matches!(format, Format::Proto) && io::stdout().is_terminal() {
        let help = "the output is not text; pipe it into `buildctl build`, or add `--format text`";
        return Err(help.into());
    }
    let source = file.read()?;
    let offline = file.offline()?;
    let mut checked = file.check(&source, &offline);
    checked.refuse_wanted_bases();
    let mut plan = checked.take_plan_to_build(file.target.as_deref());
    if let Some(plan) = &mut plan {
        Folder::open(file.context(), &file.path)?.place_binds(plan, &mut checked.found);
    }
    let Some(plan) = plan.filter(|_| !checked.found.has_errors()) else {
        say(&checked.failure());
        return Ok(ExitCode::FAILURE);
    };
    let warnings = checked.found.warnings();
    if !warnings.is_empty() {
        say(&format!("{}\n", render(&checked.sources, &warnings)));
    }
    let (definition, unknown) = match llb::lower(&plan, &checked.sources, &offline) {
        Ok(lowered) => lowered,
        Err(found) => {
            say(&failure(&checked.sources, &found));
            return Ok(ExitCode::FAILURE);
        }
    };
    for image in unknown {
        say(&format!(
            "note: the config of {image} is not known here and not applied; give it with --image-config\n"
        ));
    }
    let graph = || Graph::read(&definition);
    match format {
        Format::Proto => io::stdout().write_all(&definition.to_bytes())?,
        Format::Text => print(&graph()?.to_string())?,
        Format::Json => print(&visible::json(&format!("{:#}\n", graph()?.to_json())))?,
        Format::Dot => print(&graph()?.to_dot())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl File {
    fn read(&self) -> Result<Source, AnyError> {
        let is_input = self.path.as_os_str() == "-";
        let bytes = if is_input {
            reading::read_standard_input()
        } else {
            reading::read(&self.path, self.context())
        };
        let bytes = bytes.or_say(|| format!("can't read {}", self.path.display()))?;
        let name = self.path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            format!("{name} is not UTF-8: byte {at} can't be read")
        })?;
        Ok(Source::new(name, text))
    }

    fn platform(&self) -> Platform {
        self.platform.clone().unwrap_or_else(Platform::host)
    }

    /// Collects what takes a daemon's place.
    fn offline(&self) -> Result<Offline, AnyError> {
        let mut offline = Offline::new(self.platform());
        offline.ignore = self.ignore_file()?;
        for (image, path) in &self.image_config {
            let json = reading::read(Path::new(path), self.context());
            let json = json.or_say(|| format!("can't read {path}"))?;
            offline
                .add_config(image, &json)
                .or_say(|| format!("{path} is no image config"))?;
        }
        Ok(offline)
    }

    fn check(&self, source: &Source, offline: &Offline) -> Checked {
        let platforms = Platforms {
            target: self.platform(),
            build: Platform::host(),
        };
        let request = Request {
            args: self.build_arg.iter().cloned().collect(),
            target: self.target.clone(),
            platforms,
            contexts: None,
        };
        check_asking(
            source,
            &request,
            |wanted| self.imported(wanted),
            |base| offline.config_of(base),
        )
    }

    /// Reads a file that is imported: a copy that the user names, or a file of the context.
    fn imported(&self, wanted: &Wanted) -> Result<String, String> {
        let given = self.import.iter().find(|(name, _)| *name == wanted.name);
        let (path, bytes) = match (given, &wanted.file.from) {
            (Some((_, path)), _) => {
                let path = PathBuf::from(path);
                let bytes = reading::read(&path, self.context());
                (path, bytes)
            }
            (None, None) => {
                let path = self.context().join(&wanted.file.path);
                let bytes = reading::read_inside(&path, &[self.context()]);
                (path, bytes)
            }
            (None, Some(from)) => {
                let what = match from {
                    External::Git(_) => "a repository is read",
                    External::Http(_) => "a file on a server is read",
                    _ => "an image or a named context is read",
                };
                let name = &wanted.name;
                return Err(format!(
                    "{what} only by a build; name a copy of the file: `--import {name}=FILE`"
                ));
            }
        };
        let bytes = bytes.map_err(|error| match error {
            Unreadable::Missing => format!("there is no {}", path.display()),
            error => format!("{} can't be read: {error}", path.display()),
        })?;
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display()))
    }

    /// Returns the build context.
    fn context(&self) -> &Path {
        self.context.as_deref().unwrap_or(Path::new("."))
    }

    /// Reads the file of ignored paths: the one beside the Stagefile, or that of the context.
    fn ignore_file(&self) -> Result<Vec<u8>, AnyError> {
        let read = folder::ignore_file(self.context(), &self.path)?;
        Ok(read.map(|(_, bytes)| bytes).unwrap_or_default())
    }

    /// Looks whether the build context has what the file uses of it.
    fn check_context(&self, checked: &mut Checked) -> Result<(), AnyError> {
        let Some(plan) = &mut checked.plan else {
            return Ok(());
        };
        plan.want_all();
        let beside = self.path.parent().unwrap_or(Path::new("."));
        match &self.context {
            Some(context) => {
                let folder = Folder::open(context, &self.path)?;
                folder.check(plan, &mut checked.found);
            }
            None => {
                // Which directory will be the context, only the build command says.
                for directory in [Path::new("."), beside] {
                    let folder = Folder::open(directory, &self.path)?;
                    if folder.has_some(plan) {
                        folder.check(plan, &mut checked.found);
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("`=` is missing")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text)
        .map(|platform| platform.normalize())
        .map_err(|error| error.to_string())
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(visible::lines(text).as_bytes())
}

/// Writes a message for the person; there is nobody left to tell if that fails.
fn say(text: &str) {
    _ = io::stderr().write_all(visible::lines(text).as_bytes());
}
