//! The graph model that tools use.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A graph.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The vertices, each after its inputs.
    pub vertices: Vec<Vertex>,
    /// The vertex with the graph's result, and the index of the result.
    pub result: Option<(usize, String)>,
    /// The names and contents of the source files.
    pub files: Vec<(String, String)>,
}

/// An operation.
#[derive(Clone, Debug, Default)]
pub struct Vertex {
    /// The name in progress output.
    pub name: String,
    /// The operation, without its inputs.
    pub op: Map<String, Value>,
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The inputs by their uses, in the order of the operation: one entry for each mount, and two
    /// for each file action, the file system that is changed and the source of a copy.
    pub uses: Vec<Option<usize>>,
    /// The source locations.
    pub places: Vec<FileLines>,
    /// Whether it runs in every build.
    pub is_always: bool,
}

/// An input of a vertex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The index of the vertex.
    pub vertex: usize,
    /// The index of its result.
    pub output: String,
    /// The role; empty for the base of the vertex.
    pub role: String,
}

/// Lines in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLines {
    /// The index of the file.
    pub file: usize,
    /// The first line.
    pub start: usize,
    /// The last line.
    pub end: usize,
}

impl Vertex {
    /// Returns the inputs with their roles; an input with several roles occurs once for each.
    pub fn used(&self) -> Vec<(&str, &Input)> {
        let part = |kind: &str, key: &str| self.op.get(kind).map(|kind| list(&kind[key]));
        let mounts = part("exec", "mounts").unwrap_or_default().iter();
        let mounts = mounts.map(|mount| match text(&mount["dest"]) {
            "/" => "",
            dest => dest,
        });
        let actions = part("file", "actions").unwrap_or_default().iter();
        let actions = actions.flat_map(|action| ["", text(&action["copy"]["src"])]);
        let roles = mounts.chain(actions).zip(&self.uses);
        let used = roles.filter_map(|(role, number)| Some((role, self.inputs.get((*number)?)?)));
        let mut used: Vec<(&str, &Input)> = used.collect();
        let inputs = self.inputs.iter().enumerate();
        let others = inputs.filter(|(number, _)| !self.uses.contains(&Some(*number)));
        used.extend(others.map(|(_, input)| (input.role.as_str(), input)));
        used
    }

    /// Returns the stage in the name, if there is one: `build` for `[build 2/3] RUN make`.
    pub fn stage(&self) -> Option<&str> {
        let inside = self.name.strip_prefix('[')?.split_once(']')?.0;
        let stage = inside.split(' ').next().unwrap_or_default();
        let is_number = stage.contains('/') && stage.starts_with(|one: char| one.is_ascii_digit());
        (!is_number && stage != "internal" && !stage.is_empty()).then_some(stage)
    }

    /// Returns the first line of the name, without redundant parts.
    pub fn title(&self) -> String {
        let line = self.name.lines().next().unwrap_or_default();
        let line = line.strip_prefix("docker-image://").unwrap_or(line);
        let line = line.strip_prefix("docker.io/").unwrap_or(line);
        let line = line.strip_prefix("library/").unwrap_or(line);
        // The beginning of a digest is distinctive enough.
        match line.split_once("@sha256:") {
            Some((name, digest)) => {
                let rest = digest.trim_start_matches(|one: char| one.is_ascii_hexdigit());
                let short = &digest[..12.min(digest.len() - rest.len())];
                format!("{name}@sha256:{short}{rest}")
            }
            None => line.to_owned(),
        }
    }

    /// Returns special properties: caches, secrets, the network.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let Some(exec) = self.op.get("exec") else {
            return notes;
        };
        for mount in list(&exec["mounts"]) {
            let id = |option: &str| text(&mount[option]["ID"]).to_owned();
            match text(&mount["mountType"]) {
                "CACHE" => {
                    let id = id("cacheOpt");
                    let short = id.split('@').next().unwrap_or_default();
                    notes.push(format!("cache {short}"));
                }
                "SECRET" => notes.push(format!("secret {}", id("secretOpt"))),
                "SSH" => notes.push(format!("ssh {}", id("SSHOpt"))),
                _ => {}
            }
        }
        for secret in list(&exec["secretenv"]) {
            notes.push(format!("secret {}", text(&secret["ID"])));
        }
        match text(&exec["network"]) {
            "" => {}
            network => notes.push(format!("network {}", network.to_lowercase())),
        }
        if exec.get("security").is_some() {
            notes.push("privileged".to_owned());
        }
        if self.is_always {
            notes.push("never cached".to_owned());
        }
        notes.dedup();
        notes
    }

    /// Returns the platform; empty if there is none.
    pub fn platform(&self) -> String {
        let Some(platform) = self.op.get("platform") else {
            return String::new();
        };
        let mut name = format!(
            "{}/{}",
            text(&platform["OS"]),
            text(&platform["Architecture"])
        );
        match text(&platform["Variant"]) {
            "" => {}
            variant => _ = write!(name, "/{variant}"),
        }
        name
    }
}

/// Truncates a long line.
pub fn shortened(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
