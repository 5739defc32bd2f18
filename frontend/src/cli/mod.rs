//! The command line: the tools on a file, without a daemon.

#[cfg(feature = "offline")]
mod completions;
#[cfg(feature = "offline")]
mod diff;
mod dockerfile;
#[cfg(feature = "lsp")]
mod editor;
mod file;
mod fmt;
mod lock;
mod writing;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use buildkit_llb::{Definition, Graph, Platform};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use dockerfile::{DockerfileCommand, status};
use file::File;
use serde_json::Value;
use stagefile_language::diagnostic::{failure, render};
use stagefile_language::driver::Checked;
use stagefile_language::source::Source;
use stagefile_text::visible;

#[cfg(feature = "lsp")]
pub(crate) use editor::check_text;

use crate::dockerfile::part;
use crate::error::{AnyError, described};
use crate::tools::convert;
use crate::tools::expand::expand;
use crate::tools::explain::explain;
use crate::tools::folder::Folder;
use crate::tools::llb::{self};
use crate::tools::verbs::Verb;
use crate::tools::{bake, check, graph, init, lint, schema, targets, version};

/// A frontend for BuildKit with a language of its own. Builds need nothing installed: begin a file with
/// `# syntax=stagefile/stagefile:dev` and run `docker buildx build -f Stagefile .`
#[derive(Debug, Parser)]
#[command(name = "stagefile", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Report what is wrong with the file
    ///
    /// Of a Stagefile or of a Dockerfile: which one it is, its text tells.
    Check {
        #[command(flatten)]
        file: File,
        /// Correct what can be corrected, and write the file; from standard input, print it
        #[arg(long)]
        fix: bool,
        /// The form of the report
        #[arg(long, value_enum, default_value_t = Form::Text, conflicts_with = "fix")]
        format: Form,
    },
    Targets {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Outline {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Graph {
        #[command(flatten)]
        file: File,
        /// The form of the graph
        #[arg(long, value_enum, default_value_t = graph::Picture::Text)]
        format: graph::Picture,
    },
    /// Print what the file compiles to, for `buildctl build`
    ///
    /// Without a daemon the configs of base images are unknown: their variables, users and directories are not applied unless
    /// `--image-config` gives them.
    Llb {
        #[command(flatten)]
        file: File,
        /// The form: what buildctl reads, or what people read
        #[arg(long, value_enum, default_value_t = Format::Proto)]
        format: Format,
    },
    /// Write files in the one layout
    ///
    /// Comments, the order of lines and what they say stay. It prints the names of the files that it has changed.
    Fmt {
        /// The files, or directories with a Stagefile; `-` for standard input, which is printed
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// Change nothing, and fail if a file has another layout
        #[arg(long)]
        check: bool,
    },
    /// Compare a file with its lock
    ///
    /// It tells which names the lock lacks, and which it has that the file doesn't name. What a name stands for today is asked by
    /// a build: `docker buildx build --call lock` prints a new lock, and `--call 'lock check'` what has changed since.
    Lock {
        #[command(flatten)]
        file: File,
        /// Fail if the lock isn't complete, or has more than the file names
        #[arg(long)]
        check: bool,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Print a Stagefile with all that it uses written out
    ///
    /// Templates, imports, matrices, conditions and expressions become stages and steps, as they are for these arguments and this
    /// platform; comments say where each comes from. The output is a Stagefile that builds the same.
    Expand {
        #[command(flatten)]
        file: File,
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Convert(convert::Arguments),
    /// Print a bake file with a target for each stage
    ///
    /// `docker buildx bake -f FILE` builds them; build arguments are its variables.
    Bake {
        #[command(flatten)]
        file: File,
        /// The form of the file
        #[arg(long, value_enum, default_value_t = Bakes::Hcl)]
        format: Bakes,
    },
    Caches {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Say which steps of two graphs differ, and in what
    ///
    /// The first difference on each path is why what comes after it runs again. The status is 0 if the graphs are the same, 1 if
    /// they differ, and 2 if they can't be compared.
    #[cfg(feature = "offline")]
    #[command(visible_alias = "why")]
    Diff(diff::Arguments),
    #[cfg(feature = "offline")]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: completions::Shell,
    },
    Version {
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Print the Stagefile that is made of a manifest, such as go.mod
    ///
    /// It is what a build of its manifest (`docker buildx build -f go.mod .`) is made of. Redirect it to a file to go on with it.
    Init(init::Arguments),
    /// Print what each layer of a saved image adds, and what nobody needs of it
    ///
    /// Files that are in a layer again though unchanged, that a later layer replaces or removes, the largest, and those that only
    /// a build needs. The image is what `docker save` writes, or `--output type=oci`.
    #[cfg(feature = "offline")]
    Layers {
        #[command(flatten)]
        image: crate::tools::layers::Arguments,
        /// The form of the report
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Schema,
    Lsp {
        /// Accepted, since many clients add it: there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    Explain {
        /// The name in brackets after `error` or `warning`
        code: String,
    },
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

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For programs, as `--call NAME,format=json` gives it
    Json,
}

/// The form of a bake file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bakes {
    /// The language of bake
    Hcl,
    /// JSON
    Json,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let matches = described_command().get_matches();
    let command_line = CommandLine::from_arg_matches(&matches);
    let command = command_line.unwrap_or_else(|error| error.exit()).command;
    // That two graphs differ is no mistake, and has a status of its own.
    let status = match command {
        #[cfg(feature = "offline")]
        Command::Diff(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            // A reader that has seen enough, such as `head`, is no error.
            let closed = error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
            if !closed {
                say(&format!("error: {}\n", described(&*error)));
            }
            status
        }
    }
}

/// Describes the command line; what each verb is for is in the table of tools.
fn described_command() -> clap::Command {
    Verb::typed().fold(CommandLine::command(), |command, verb| {
        command.mut_subcommand(verb.name(), |one| one.about(verb.about()))
    })
}

fn run(command: Command) -> Result<ExitCode, AnyError> {
    match command {
        Command::Check { file, fix, format } => {
            let file = file.located();
            let source = file.read()?;
            let offline = file.offline()?;
            let command = DockerfileCommand::find(&file, &source, &offline)?;
            let check = |source: &Source| {
                if let Some(command) = &command {
                    let mut checked = command.check(source)?;
                    command.examine(&mut checked, |examination, found| {
                        file.examine(examination, found)
                    })?;
                    return Ok(checked);
                }
                let mut checked = check::lowered(file.check(source, &offline));
                file.check_context(&mut checked)?;
                file.check_dockerfiles(&mut checked, &offline);
                Ok(checked)
            };
            if fix {
                return writing::fix(&file.path, &source, check);
            }
            let checked = check(&source)?;
            if format == Form::Json {
                print(&visible::json(&format!("{:#}\n", lint::lint(&checked))))?;
            } else {
                print(&report(&checked))?;
            }
            Ok(status(!checked.found.has_errors()))
        }
        Command::Targets { file, format } => {
            let file = file.located();
            let (source, offline) = (file.read()?, file.offline()?);
            let answer = match DockerfileCommand::find(&file, &source, &offline)? {
                Some(command) => command.targets(&source)?,
                None => file.plan(&source, &offline).map(|(plan, sources)| {
                    let json = targets::json(&plan, &sources);
                    (json, targets::text(&plan))
                }),
            };
            print_answer(answer, format)
        }
        Command::Outline { file, format } => {
            let file = file.located();
            let (source, offline) = (file.read()?, file.offline()?);
            let answer = match DockerfileCommand::find(&file, &source, &offline)? {
                Some(command) => command.outline(&source)?,
                None => file.outline(&source, &offline),
            };
            print_answer(answer, format)
        }
        Command::Graph { file, format } => {
            let file = file.located();
            let Some(definition) = compile(&file)? else {
                return Ok(ExitCode::FAILURE);
            };
            let title = file.title();
            print(&format.draw(&definition, &title)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Caches { file, format } => {
            let file = file.located();
            let (source, offline) = (file.read()?, file.offline()?);
            if DockerfileCommand::find(&file, &source, &offline)?.is_some() {
                return Err("a Dockerfile declares no caches of its own; `stagefile graph` shows those of its steps".into());
            }
            let answer = file.caches(&source, &offline)?;
            print_answer(answer, format)
        }
        Command::Expand { file, format } => {
            let file = file.located();
            let (source, offline) = (file.read()?, file.offline()?);
            if DockerfileCommand::find(&file, &source, &offline)?.is_some() {
                return Err("a Dockerfile has nothing to write out; `stagefile convert` makes a Stagefile of it".into());
            }
            let mut checked = file.check(&source, &offline);
            checked.refuse_wanted_bases();
            let Some(plan) = checked.take_plan() else {
                say(&checked.failure());
                return Ok(ExitCode::FAILURE);
            };
            let expanded = expand(&plan, &checked.sources, &file.platform())?;
            print_answer(Some((expanded.json(), expanded.text)), format)
        }
        Command::Bake { file, format } => {
            let file = file.located();
            if file.is_input() {
                return Err("a bake file says where the file is, and standard input is nowhere".into());
            }
            let (source, offline) = (file.read()?, file.offline()?);
            let name = file.path_in_context()?;
            let bake = match DockerfileCommand::find(&file, &source, &offline)? {
                Some(command) => command.bake(&source, &name)?,
                None => file
                    .plan(&source, &offline)
                    .map(|(plan, _)| bake::of_plan(&plan, &name)),
            };
            let Some(bake) = bake else {
                return Ok(ExitCode::FAILURE);
            };
            let platforms = file.setting.platform.iter().map(Platform::to_string);
            let context = file.context().display().to_string();
            let bake = bake.for_platforms(platforms).in_context(context);
            match format {
                Bakes::Hcl => print(&bake.hcl())?,
                Bakes::Json => print(&visible::json(&format!("{:#}\n", bake.json())))?,
            }
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "offline")]
        Command::Diff(arguments) => diff::diff(&arguments),
        #[cfg(feature = "offline")]
        Command::Completions { shell } => {
            print(&completions::completions(shell, &described_command()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Version { format } => print_answer(Some(version::version()), format),
        Command::Llb { file, format } => print_llb(&file.located(), format),
        Command::Fmt { paths, check } => fmt::fmt(paths, check),
        Command::Lock {
            file,
            check,
            format,
        } => lock::lock(&file.located(), check, format),
        Command::Convert(arguments) => match convert::run(&arguments)? {
            convert::Outcome::Converted(text) => {
                print(&text)?;
                Ok(ExitCode::SUCCESS)
            }
            convert::Outcome::Refused(text) => {
                say(&text);
                Ok(ExitCode::FAILURE)
            }
        },
        Command::Init(arguments) => match init::run(&arguments)? {
            Ok(generated) => {
                print(&generated.text)?;
                for note in generated.notes {
                    say(&format!("note: {}\n", note.of_manifest()));
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(refused) => {
                say(&refused);
                Ok(ExitCode::FAILURE)
            }
        },
        #[cfg(feature = "offline")]
        Command::Layers { image, format } => {
            print_answer(Some(crate::tools::layers::run(&image)?), format)
        }
        Command::Schema => {
            print(&schema::text())?;
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "lsp")]
        Command::Lsp { .. } => crate::lsp::serve(),
        #[cfg(not(feature = "lsp"))]
        Command::Lsp { .. } => {
            Err("this program is that of the image, which has no language server; install it with `cargo install --path frontend`".into())
        }
        Command::Explain { code } => {
            let page = explain(&code)?;
            print(&page)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn report(checked: &Checked) -> String {
    let report = checked.report();
    if report.is_empty() {
        format!("{}: no problems\n", checked.sources.main().name())
    } else {
        format!("{report}\n")
    }
}

/// Prints an answer; there is none if the file has mistakes.
fn print_answer(answer: Option<(Value, String)>, format: Form) -> Result<ExitCode, AnyError> {
    let Some((json, text)) = answer else {
        return Ok(ExitCode::FAILURE);
    };
    match format {
        Form::Text => print(&text)?,
        Form::Json => print(&visible::json(&format!("{json:#}\n")))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print_llb(file: &File, format: Format) -> Result<ExitCode, AnyError> {
    if matches!(format, Format::Proto) && io::stdout().is_terminal() {
        let help = "the output is not text; pipe it into `buildctl build`, or add `--format text`";
        return Err(help.into());
    }
    let Some(definition) = compile(file)? else {
        return Ok(ExitCode::FAILURE);
    };
    let graph = || Graph::read(&definition);
    match format {
        Format::Proto => io::stdout().write_all(&definition.to_bytes())?,
        Format::Text => print(&graph()?.to_string())?,
        Format::Json => print(&visible::json(&format!("{}\n", graph()?.to_json())))?,
        Format::Dot => print(&graph()?.to_dot())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Compiles a file. Nothing if there are mistakes, which are reported.
fn compile(file: &File) -> Result<Option<Definition>, AnyError> {
    compile_telling(file, true)
}

/// Compiles a file, and tells what is to be known of it that is no mistake if somebody wants to hear it.
fn compile_telling(file: &File, tell: bool) -> Result<Option<Definition>, AnyError> {
    let source = file.read()?;
    let mut offline = file.offline()?;
    if let Some(command) = DockerfileCommand::find(file, &source, &offline)? {
        return command.compile(&source, tell);
    }
    let mut checked = file.check(&source, &offline);
    for part in part::files(&checked) {
        if let Some(text) = file.dockerfile(&part.file.path) {
            offline.dockerfiles.insert(part.file.path, text);
        }
    }
    file.check_dockerfiles(&mut checked, &offline);
    checked.refuse_wanted_bases();
    let mut plan = checked.take_plan_to_build(file.setting.target.as_deref());
    if let Some(plan) = &mut plan {
        Folder::open(file.context(), &file.path)?.place_binds(plan, &mut checked.found);
    }
    let Some(plan) = plan.filter(|_| !checked.found.has_errors()) else {
        say(&checked.failure());
        return Ok(None);
    };
    let warnings = checked.found.warnings();
    if tell && !warnings.is_empty() {
        say(&format!("{}\n", render(&checked.sources, &warnings)));
    }
    let (definition, unknown) = match llb::lower(&plan, &checked.sources, &offline) {
        Ok(lowered) => lowered,
        Err(found) => {
            say(&failure(&checked.sources, &found));
            return Ok(None);
        }
    };
    for image in unknown.into_iter().filter(|_| tell) {
        say_unknown(&image);
    }
    Ok(Some(definition))
}

fn say_unknown(image: &str) {
    say(&format!(
        "note: the config of {image} is not known here and not applied; give it with --image-config\n"
    ));
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
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
