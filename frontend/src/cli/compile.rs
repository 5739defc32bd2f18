//! Compiling files to definitions.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use buildkit_llb::{Definition, Graph};
use stagefile_language::diagnostic::{failure, render};
use stagefile_text::visible;

use super::command::Format;
use super::dockerfile::DockerfileCommand;
use super::file::File;
use super::{print, say};
use crate::dockerfile::part;
use crate::error::AnyError;
use crate::tools::folder::Folder;
use crate::tools::llb;

pub(super) fn print_llb(file: &File, format: Format) -> Result<ExitCode, AnyError> {
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

/// Compiles a file; `None` if there are mistakes, which are reported.
pub(super) fn compile(file: &File) -> Result<Option<Definition>, AnyError> {
    compile_telling(file, true)
}

/// Compiles a file, and reports warnings if `tell` is set.
pub(super) fn compile_telling(file: &File, tell: bool) -> Result<Option<Definition>, AnyError> {
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

pub(super) fn say_unknown(image: &str) {
    say(&format!(
        "note: the config of {image} is not known here and not applied; give it with --image-config\n"
    ));
}
