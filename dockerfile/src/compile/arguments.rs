//! Build arguments before the first stage, and predefined ones.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;

use super::limits::check_size;
use super::request::Request;
use crate::instruction::{Argument, Instruction, InstructionKind};
use crate::lexer::{Environment, Lexer};
use crate::lines::Lines;
use crate::mistake::Mistake;

/// Information about a build argument, for outlines.
#[derive(Clone, Debug, Default)]
pub(super) struct ArgumentInfo {
    pub value: String,
    pub description: String,
    pub lines: Lines,
    /// The arguments used in its default.
    pub uses: BTreeSet<String>,
}

/// Variables by name, in the order in which they were last set.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, (u64, String)>,
    next: u64,
}

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values
            .insert(name.to_owned(), (self.next, value.into()));
        self.next += 1;
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }
}

impl Environment for Variables {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(_, value)| value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.values.iter().collect();
        names.sort_by_key(|(_, (order, _))| *order);
        names.into_iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// Returns the predefined arguments.
pub(super) fn predefined(
    request: &Request<'_>,
    build_args: &BTreeMap<String, String>,
    target: &str,
) -> Variables {
    let build = request.build_platform();
    let wanted = request.target_platform();
    let without_version = Platform {
        os_version: String::new(),
        os_features: Vec::new(),
        ..build.clone()
    };
    let target = if target.is_empty() { "default" } else { target };
    let mut variables = Variables::default();
    for (name, value) in [
        ("BUILDPLATFORM", without_version.to_string()),
        ("BUILDOS", build.os),
        ("BUILDOSVERSION", build.os_version),
        ("BUILDARCH", build.architecture),
        ("BUILDVARIANT", build.variant),
        ("TARGETPLATFORM", wanted.to_string()),
        ("TARGETOS", wanted.os),
        ("TARGETOSVERSION", wanted.os_version),
        ("TARGETARCH", wanted.architecture),
        ("TARGETVARIANT", wanted.variant),
        ("TARGETSTAGE", target.to_owned()),
    ] {
        variables.set(name, build_args.get(name).cloned().unwrap_or(value));
    }
    variables
}

/// Adds the arguments declared before the first stage.
pub(super) fn global(
    mut variables: Variables,
    lexer: Lexer,
    instructions: &[Instruction],
    build_args: &BTreeMap<String, String>,
) -> Result<(Variables, BTreeMap<String, ArgumentInfo>), Mistake> {
    let mut infos: BTreeMap<String, ArgumentInfo> = BTreeMap::new();
    // Each can repeat another many times.
    let mut written = 0;
    for instruction in instructions {
        let InstructionKind::Arg(arguments) = &instruction.kind else {
            continue;
        };
        for argument in arguments {
            let Argument {
                name,
                value,
                description,
            } = argument;
            let mut info = ArgumentInfo {
                description: description.clone(),
                lines: instruction.lines,
                ..ArgumentInfo::default()
            };
            let value = match (build_args.get(name), value) {
                (Some(given), _) => Some(given.clone()),
                (None, None) => None,
                (None, Some(default)) => {
                    let word = lexer
                        .word(default, &variables)
                        .map_err(|mistake| mistake.at(instruction.lines))?;
                    info.uses = word.matched;
                    if info.uses.remove(name) {
                        // A default that extends the previous value also uses what that value uses.
                        let before = infos.get(name);
                        info.uses
                            .extend(before.into_iter().flat_map(|info| info.uses.clone()));
                    }
                    Some(word.text)
                }
            };
            if let Some(value) = value {
                written += value.len();
                check_size(written).map_err(|mistake| mistake.at(instruction.lines))?;
                info.value.clone_from(&value);
                variables.set(name, value);
            }
            infos.insert(name.clone(), info);
        }
    }
    Ok((variables, infos))
}
