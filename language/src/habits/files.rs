//! Files of other tools.

use std::ops::Range;

use crate::syntax::tree::{Entry, Node, Value};

/// Reports whether the value of a key is that of the tool.
type Fits = fn(&Node) -> bool;

/// Top-level keys that identify a file of another tool: the key, a check of its value, and the tool.
static FILES: &[(&str, Fits, &str)] = &[
    ("services", is_mapping, "a Compose file"),
    ("jobs", is_mapping, "a workflow of GitHub Actions"),
    ("stages", is_list_of_names, "a pipeline of GitLab CI"),
    ("before_script", any, "a pipeline of GitLab CI"),
    ("pipelines", any, "a pipeline of Bitbucket"),
    ("apiVersion", any, "a manifest of Kubernetes"),
    ("target", is_mapping, "a bake file"),
    ("group", is_mapping, "a bake file"),
];

fn any(_: &Node) -> bool {
    true
}

fn is_mapping(node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_))
}

fn is_list_of_names(node: &Node) -> bool {
    match &node.value {
        Value::Sequence(items) => items.iter().all(|item| item.string().is_some()),
        _ => false,
    }
}

/// Finds the key that identifies a file of another tool, and the tool. A file with stages is a Stagefile.
pub(crate) fn file(entries: &[Entry]) -> Option<(&Entry, &'static str)> {
    let is_ours = |entry: &Entry| {
        ["stages", "templates"].contains(&entry.key.text.as_str()) && is_mapping(&entry.value)
    };
    if entries.iter().any(is_ours) {
        return None;
    }
    FILES.iter().find_map(|(key, fits, tool)| {
        let mut entries = entries.iter();
        let entry = entries.find(|entry| entry.key.text == *key && fits(&entry.value))?;
        Some((entry, *tool))
    })
}

/// Finds the first instruction of a Dockerfile, `FROM` or `ARG`; `None` if the file isn't one.
pub(crate) fn dockerfile(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content =
            line.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
        let at = start + line.find(content).unwrap_or_default();
        start += line.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let mut words = content.split_whitespace();
        let first = words.next().unwrap_or_default();
        let instruction = ["FROM", "ARG"]
            .iter()
            .any(|known| first.eq_ignore_ascii_case(known));
        // In YAML, a colon may be separated from its key.
        let is_one = instruction && words.next().is_some_and(|word| !word.starts_with(':'));
        return is_one.then_some(at..at + content.len());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::dockerfile;

    #[test]
    fn dockerfiles_are_told_from_stagefiles() {
        for (text, expected) in [
            (
                "# syntax=stagefile/stagefile:1\nFROM alpine\n",
                Some("FROM alpine"),
            ),
            ("\u{feff}\n  from alpine AS x", Some("from alpine AS x")),
            ("ARG X=1\nFROM x", Some("ARG X=1")),
            ("from: alpine", None),
            ("args: {}", None),
            ("arg : 1", None),
            ("", None),
            ("# FROM x\nstages: {}", None),
        ] {
            let found = dockerfile(text).map(|range| &text[range]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
