//! Outline of a target: arguments, secrets, SSH agents.

use std::collections::BTreeSet;

use super::Compilation;
use super::arguments::ArgumentInfo;
use crate::lines::Lines;

/// The outline of a target: the inputs that it takes from the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// The stage's name; empty if it has none.
    pub name: String,
    /// The description from the comment before the stage.
    pub description: String,
    /// The build arguments, in the order of the file.
    pub args: Vec<OutlineArgument>,
    /// The secrets, in the order of the file.
    pub secrets: Vec<OutlineSecret>,
    /// The SSH agents, in the order of the file.
    pub ssh: Vec<OutlineSecret>,
}

/// A build argument of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutlineArgument {
    /// The argument's name.
    pub name: String,
    /// The description from the comment before the argument.
    pub description: String,
    /// The argument's value in this build.
    pub value: String,
    /// The lines of the declaration.
    pub lines: Lines,
}

/// A secret or an SSH agent of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutlineSecret {
    /// The ID by which the client provides it.
    pub name: String,
    /// Whether the build fails without it.
    pub required: bool,
    /// The lines of its first use.
    pub lines: Lines,
}

impl Compilation<'_> {
    /// Returns the target's outline.
    pub fn outline(&self) -> Outline {
        let target = &self.stages[self.target];
        let mut outline = Outline {
            name: target.written_name().to_owned(),
            description: (target.written).map_or_else(String::new, |it| it.description.clone()),
            ..Outline::default()
        };
        let mut seen_args = BTreeSet::new();
        let mut seen_secrets = BTreeSet::new();
        let mut seen_ssh = BTreeSet::new();
        let mut visited = vec![false; self.stages.len()];
        let mut next = vec![self.target];
        while let Some(index) = next.pop() {
            if std::mem::replace(&mut visited[index], true) {
                continue;
            }
            let stage = &self.stages[index];
            let outlined = &stage.outlined;
            for name in self.used_args(index) {
                let own = outlined.args.get(&name);
                let Some(info) = own.or_else(|| self.global_infos.get(&name)) else {
                    continue;
                };
                if seen_args.insert(name.clone()) {
                    outline.args.push(argument(name, info));
                }
            }
            for (found, all, seen) in [
                (&mut outline.secrets, &outlined.secrets, &mut seen_secrets),
                (&mut outline.ssh, &outlined.ssh, &mut seen_ssh),
            ] {
                for (name, &(required, lines)) in all {
                    if seen.insert(name.clone()) {
                        found.push(OutlineSecret {
                            name: name.clone(),
                            required,
                            lines,
                        });
                    }
                }
            }
            // The base last, so that it is visited first.
            next.extend(stage.uses.as_slice().iter().rev().map(|(used, _)| *used));
            next.extend(stage.base);
        }
        outline.args.sort_by_key(|argument| argument.lines);
        outline.secrets.sort_by_key(|secret| secret.lines);
        outline.ssh.sort_by_key(|agent| agent.lines);
        outline
    }

    /// Returns the arguments that a stage uses, and those used in their defaults.
    fn used_args(&self, index: usize) -> BTreeSet<String> {
        let outlined = &self.stages[index].outlined;
        let mut used = BTreeSet::new();
        let mut next: Vec<String> = outlined.used_args.iter().cloned().collect();
        while let Some(name) = next.pop() {
            let own = outlined.args.get(&name);
            if let Some(info) = own.or_else(|| self.global_infos.get(&name)) {
                let uses = info.uses.iter().filter(|name| !used.contains(*name));
                next.extend(uses.cloned());
            }
            used.insert(name);
        }
        used
    }
}

fn argument(name: String, info: &ArgumentInfo) -> OutlineArgument {
    OutlineArgument {
        name,
        description: info.description.clone(),
        value: info.value.clone(),
        lines: info.lines,
    }
}
