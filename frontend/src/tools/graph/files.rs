//! The files of a local directory that vertices use.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_gateway::ignore::IgnoreFile;
use serde_json::Value;
use stagefile_text::pattern::Pattern;

use super::model::{Model, Vertex, list, text};
use crate::context::Ignored;

impl Model {
    /// Returns the paths of a local directory that vertices use; an empty one is the whole directory.
    pub fn used_paths(&self, directory: &str) -> BTreeSet<String> {
        let is_meant = |vertex: &Vertex| is_source(vertex, directory);
        let meant: Vec<bool> = self.vertices.iter().map(is_meant).collect();
        let mut used = BTreeSet::new();
        for vertex in &self.vertices {
            for (number, input) in vertex.inputs.iter().enumerate() {
                if meant.get(input.vertex) == Some(&true) {
                    used.extend(paths_of(vertex, number));
                }
            }
        }
        used
    }

    /// Adds the states of files to the vertices that use them from a local directory, by their names.
    pub fn note_files(&mut self, directory: &str, files: &BTreeMap<&str, &str>) {
        let is_meant = |vertex: &Vertex| is_source(vertex, directory);
        let taken: Vec<Option<BTreeMap<&str, &str>>> = self
            .vertices
            .iter()
            .map(|vertex| is_meant(vertex).then(|| taken(vertex, files)))
            .collect();
        for vertex in &mut self.vertices {
            for (number, input) in vertex.inputs.iter().enumerate() {
                let Some(taken) = taken.get(input.vertex).and_then(Option::as_ref) else {
                    continue;
                };
                let used = paths_of(vertex, number);
                let used: Vec<Used> = used.iter().map(|path| Used::new(path)).collect();
                for (file, what) in taken {
                    if used.iter().any(|used| used.has(file)) {
                        let what = Value::String((*what).to_owned());
                        vertex.op.insert(format!("file {file}"), what);
                    }
                }
            }
        }
    }
}

/// Reports whether a vertex is a source.
fn is_source(vertex: &Vertex, identifier: &str) -> bool {
    let source = vertex.op.get("source");
    source.is_some_and(|source| source["identifier"] == identifier)
}

/// Returns the files that a vertex takes from their directory.
fn taken<'a>(vertex: &Vertex, files: &BTreeMap<&'a str, &'a str>) -> BTreeMap<&'a str, &'a str> {
    let ignored = ignored(vertex);
    let ignored = Ignored::new(&ignored);
    let taken = files.iter();
    taken
        .filter(|(file, what)| !what.is_empty() && ignored.excludes(file).is_none())
        .map(|(file, what)| (*file, *what))
        .collect()
}

/// Parses the patterns of excluded files of a directory.
fn ignored(vertex: &Vertex) -> IgnoreFile {
    let patterns = &vertex.op["source"]["attrs"]["local.excludepatterns"];
    let patterns: Vec<String> = serde_json::from_str(text(patterns)).unwrap_or_default();
    IgnoreFile::read("", patterns.join("\n").as_bytes())
}

/// Returns the paths that a vertex uses of an input; an empty one is the whole input.
fn paths_of(vertex: &Vertex, input: usize) -> Vec<String> {
    let uses = |place: usize| vertex.uses.get(place) == Some(&Some(input));
    if let Some(exec) = vertex.op.get("exec") {
        let mounts = list(&exec["mounts"]).iter().enumerate();
        return mounts
            .filter(|(number, _)| uses(*number))
            .map(|(_, mount)| text(&mount["selector"]).to_owned())
            .collect();
    }
    let Some(file) = vertex.op.get("file") else {
        return vec![String::new()];
    };
    let mut paths = Vec::new();
    for (number, action) in list(&file["actions"]).iter().enumerate() {
        if uses(2 * number) {
            paths.push(String::new());
        }
        if uses(2 * number + 1) {
            paths.push(text(&action["copy"]["src"]).to_owned());
        }
    }
    paths
}

/// A path that is used, with everything below it.
struct Used {
    path: String,
    pattern: Pattern,
}

impl Used {
    fn new(path: &str) -> Self {
        let path = path.trim_start_matches("./").trim_matches('/');
        Self {
            path: path.to_owned(),
            pattern: Pattern::of_copy(path),
        }
    }

    /// Reports whether a file is at the path or below it.
    fn has(&self, file: &str) -> bool {
        if self.path.is_empty() || self.path == "." {
            return true;
        }
        let ends = file.match_indices('/').map(|(end, _)| end);
        let mut ends = ends.chain([file.len()]);
        ends.any(|end| file[..end] == *self.path || self.pattern.matches(&file[..end]))
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Constrain as _, Exec, FileAction, Local, MarshalOptions, Mount, State};

    use super::*;

    #[test]
    fn changed_files_are_noted_where_they_are_used() {
        let context = Local::new("context").exclude(["*.md"]).into_state();
        let base = State::image("busybox:1.35").unwrap();
        let copied = base.file(FileAction::copy(&context, "/s*", "/"));
        let mounted = copied
            .run(
                Exec::shell("make")
                    .mount(Mount::bind("/a", &context).selector("/a").readonly())
                    .mount(Mount::bind("/b", &context).selector("/b").readonly()),
            )
            .root();
        let options = MarshalOptions::new().on_platform("linux/amd64".parse().unwrap());
        let mut model = Model::from_definition(&mounted.marshal(&options)).unwrap();
        let names = ["src/x", "a/x", "b/x", "c/x", "s.md", "gone"];
        let files = names.iter().map(|name| (*name, "1"));
        let mut files: BTreeMap<&str, &str> = files.collect();
        files.insert("src/gone", "");
        model.note_files("local://context", &files);
        let noted = |kind: &str| {
            let vertex = model.vertices.iter().find(|one| one.op.contains_key(kind));
            let keys = vertex.unwrap().op.keys();
            let files = keys.filter_map(|key| key.strip_prefix("file "));
            files.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(noted("file"), ["src/x"]);
        assert_eq!(noted("exec"), ["a/x", "b/x"]);
    }
}
