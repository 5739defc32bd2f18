//! The command line: tools for files, without a daemon.

mod command;
mod compile;
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

use std::io::{self, Write};
use std::process::ExitCode;

use buildkit_llb::Platform;
use clap::{CommandFactory as _, FromArgMatches as _};
use serde_json::Value;
use stagefile_language::driver::Checked;
use stagefile_language::source::Source;
use stagefile_text::visible;

use command::{Bakes, Command, CommandLine, Form};
use compile::{compile, print_llb};
use dockerfile::{DockerfileCommand, status};
use file::File;

#[cfg(feature = "lsp")]
pub(crate) use editor::check_text;

use crate::error::{AnyError, error_chain};
use crate::tools::convert;
use crate::tools::expand::expand;
use crate::tools::explain::explain;
use crate::tools::verbs::Verb;
use crate::tools::{bake, check, init, lint, schema, targets, version};

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let matches = described_command().get_matches();
    let command_line = CommandLine::from_arg_matches(&matches);
    let command = command_line.unwrap_or_else(|error| error.exit()).command;
    // Differing graphs aren't an error, and have a separate exit status.
    let status = match command {
        #[cfg(feature = "offline")]
        Command::Diff(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            // A reader that stops early, such as `head`, isn't an error.
            let closed = error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
            if !closed {
                say(&format!("error: {}\n", error_chain(&*error)));
            }
            status
        }
    }
}

/// Returns the definition of the command line. The purpose of each subcommand comes from the table
/// of tools.
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

/// Prints a message for the user; if that fails, nobody can be told.
fn say(text: &str) {
    _ = io::stderr().write_all(visible::lines(text).as_bytes());
}
