//! `WORKDIR`.

use std::borrow::Cow;

use buildkit_llb::{Constrain as _, FileAction, Mkdir, Owner, Timestamp};

use super::Compilation;
use super::names;
use super::stage::StageState;
use super::step::{Step, StepKind};
use crate::go;
use crate::instruction::Instruction;
use crate::lint::rule;
use crate::mistake::Mistake;

/// Makes a path absolute, relative to a directory (`system.NormalizePath`). An absolute path is unchanged.
pub(crate) fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let directory = if directory.starts_with('/') {
        Cow::Borrowed(directory)
    } else {
        Cow::Owned(go::join(&["/", directory]))
    };
    match path {
        "" => directory.into_owned(),
        path => go::join(&[&directory, path]),
    }
}

/// Does the same, and keeps a trailing slash, or slash and dot.
pub(super) fn absolute_with_slash(directory: &str, path: &str) -> String {
    let mut result = absolute(directory, path);
    if path.ends_with('/') {
        if !result.ends_with('/') {
            result.push('/');
        }
    } else if path.ends_with("/.") {
        if result != "/" {
            result.push('/');
        }
        result.push('.');
    }
    result
}

/// Sets the working directory for the following steps.
pub(super) fn enter(stage: &mut StageState<'_>, path: &str) {
    let path = absolute(&stage.image.config.working_dir, path);
    stage.settings.set_dir(&path);
    if stage.image.config.working_dir != path {
        stage.config_mut().working_dir = path;
    }
}

pub(super) fn dispatch(
    compilation: &mut Compilation<'_>,
    index: usize,
    instruction: &Instruction,
    path: &str,
) -> Result<(), Mistake> {
    let path = compilation.expand(index, instruction, path)?;
    if !compilation.stages[index].has_workdir && !path.starts_with('/') {
        let message = format!(
            "Relative workdir {} can have unexpected results if the base image changes",
            go::quote(&path)
        );
        compilation.report(instruction, &rule::WORKDIR_RELATIVE_PATH, message);
    }
    let epoch = compilation.epoch;
    let several = compilation.request.options.multi_platform;
    let lexer = compilation.lexer;
    let map = compilation.request.source_map;
    let mut message = compilation.message("WORKDIR ");
    let stage = &mut compilation.stages[index];
    stage.has_workdir = true;
    enter(stage, &path);
    let path = &stage.image.config.working_dir;
    message.push_str(path);
    let makes_layer = path != "/";
    if makes_layer {
        let mut mkdir = Mkdir::new(path, 0o755).parents();
        let user = &stage.image.config.user;
        if !user.is_empty() {
            mkdir = mkdir.owner(Owner::parse(user));
        }
        if let Some(seconds) = epoch {
            let time = Timestamp::from_seconds(seconds)
                .map_err(|error| Mistake::new(error.to_string()))?;
            mkdir = mkdir.created(time);
        }
        let settings = stage.settings.clone();
        let name = names::of_instruction(lexer, &instruction.code, &settings);
        let platform = stage.platform.clone().filter(|_| several);
        let name = names::prefixed(stage, &name, several, platform.as_deref(), &settings);
        let action = FileAction::from(mkdir)
            .named(name)
            .located(map, instruction.lines.ranges());
        stage.steps.push(Step {
            lines: instruction.lines,
            kind: StepKind::Mkdir(action),
        });
    }
    compilation.commit(index, message, makes_layer);
    Ok(())
}
