//! The inputs of vertices, with their roles.

use buildkit_proto::ops::{self, op::Op};

use super::{GraphVertex, describe, limits};
use crate::reading::Reference;

/// An input of a vertex, with its role.
#[derive(Debug)]
pub(super) struct Edge {
    /// The role. Empty for the file system that the vertex starts from.
    pub(super) role: String,
    /// The input. Some roles, such as a tmpfs mount, have none.
    pub(super) input: Option<Reference>,
}

impl GraphVertex {
    /// Returns the inputs of the vertex. The one without a role comes last.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let mut edges = match &self.op().op {
            None | Some(Op::Source(_)) => Vec::new(),
            Some(Op::Exec(exec)) => self.exec_edges(exec),
            Some(Op::File(file)) => self.file_edges(file),
            Some(Op::Diff(diff)) => {
                let input = |index: Option<i64>| self.input(index.unwrap_or(-1));
                vec![
                    edge("", input(diff.lower.map(|lower| lower.input))),
                    edge("to", input(diff.upper.map(|upper| upper.input))),
                ]
            }
            Some(Op::Merge(_)) => self.numbered_edges("with"),
            Some(Op::Passthrough(_)) => self.numbered_edges("if"),
            Some(Op::Build(_)) => self.numbered_edges("and"),
        };
        edges.sort_by_key(|edge| edge.role.is_empty());
        edges
    }

    fn exec_edges(&self, exec: &ops::ExecOp) -> Vec<Edge> {
        let mounts = exec.mounts.iter().map(|mount| {
            let input = self.input(mount.input);
            let plain_root = mount.dest == "/" && !mount.readonly && mount.selector.is_empty();
            let role = if plain_root {
                String::new()
            } else {
                format!("{}: {}", mount.dest, attributes(mount))
            };
            Edge { role, input }
        });
        let variables = exec.secretenv.iter().map(|secret| Edge {
            role: format!("${}: secret {}", secret.name, secret.id),
            input: None,
        });
        let limits = limits::list(exec, self.metadata.linux_resources());
        let limits = limits.into_iter().map(|role| Edge { role, input: None });
        mounts.chain(variables).chain(limits).collect()
    }

    fn file_edges(&self, file: &ops::FileOp) -> Vec<Edge> {
        let inputs = self.inputs.len();
        let actions = file.actions.iter().enumerate();
        let mut edges: Vec<Edge> = actions
            .map(|(number, action)| {
                let steps = [action.input, action.secondary_input].map(|index| {
                    let step = usize::try_from(index).ok()?.checked_sub(inputs)?;
                    // An action follows the previous one unless stated otherwise.
                    (step + 1 != number).then(|| format!(" after action {}", step + 1))
                });
                let steps: String = steps.into_iter().flatten().collect();
                let role = describe::action(action) + &steps;
                let input = self.input(action.secondary_input);
                Edge { role, input }
            })
            .collect();
        // All actions of a chain change what its first action changes.
        let bases = file
            .actions
            .iter()
            .filter_map(|action| self.input(action.input));
        let mut seen: Vec<Reference> = Vec::new();
        for base in bases {
            if !seen.contains(&base) {
                seen.push(base);
            }
        }
        let last = seen.len().saturating_sub(1);
        edges.extend(
            seen.into_iter()
                .enumerate()
                .map(|(number, base)| edge(if number == last { "" } else { "on" }, Some(base))),
        );
        edges
    }

    fn numbered_edges(&self, role: &str) -> Vec<Edge> {
        let inputs = self.inputs.iter().enumerate();
        inputs
            .map(|(number, &input)| edge(if number == 0 { "" } else { role }, Some(input)))
            .collect()
    }

    fn input(&self, index: i64) -> Option<Reference> {
        self.inputs.get(usize::try_from(index).ok()?).copied()
    }
}

fn edge(role: &str, input: Option<Reference>) -> Edge {
    Edge {
        role: role.to_owned(),
        input,
    }
}

/// Describes the options of a mount.
fn attributes(mount: &ops::Mount) -> String {
    let mut words = Vec::new();
    if let Some(cache) = &mount.cache_opt {
        let modes = ["shared", "private", "locked"];
        let mode = usize::try_from(cache.sharing)
            .ok()
            .and_then(|mode| modes.get(mode));
        words.push(format!(
            "cache {}, {}",
            cache.id,
            mode.unwrap_or(&"unknown")
        ));
    }
    if let Some(tmpfs) = &mount.tmpfs_opt {
        words.push(match tmpfs.size {
            0 => "in memory".to_owned(),
            size => format!("in memory, {size} bytes"),
        });
    }
    if let Some(secret) = &mount.secret_opt {
        words.push(format!("secret {}", secret.id));
    }
    if let Some(ssh) = &mount.ssh_opt {
        let id = if ssh.id.is_empty() {
            "default"
        } else {
            &ssh.id
        };
        words.push(format!("SSH agent {id}"));
    }
    if mount.readonly {
        words.push("read-only".to_owned());
    }
    if !mount.selector.is_empty() {
        words.push(format!("sub path {}", mount.selector));
    }
    if words.is_empty() {
        let kept = if mount.output < 0 {
            "writable, dropped"
        } else {
            "writable"
        };
        words.push(kept.to_owned());
    }
    words.join(" ")
}
