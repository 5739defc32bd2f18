//! The reference of the standard library, made of its own text.

use std::fmt::Write;

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::program::{APP, STD, STD_TEXT};
use stagefile_language::source::Source;
use stagefile_language::syntax::tree::{self, Node, Value};

/// What the stage is that a manifest gives: it is used as a template, and it is no part of the library's files.
const OF_APP: &str = "the stage that a manifest in `dir` gives, such as go.mod; its other inputs are build arguments of what `-f` with the manifest builds.";
/// Its input that there is whatever the manifest.
#[cfg(feature = "lsp")]
const DIR: [(&str, &str); 1] = [(
    "dir",
    "Folder of the manifest. Default: that of the build context.",
)];

/// Writes down what templates of the standard library do and which inputs they have; without names there is nothing of one
/// that doesn't exist.
pub(crate) fn reference(names: &str) -> String {
    let library = Library::read();
    let sections = names.split(' ').filter_map(|name| library.section(name));
    sections.collect::<Vec<_>>().join("\n")
}

/// Lists the names of the standard library's templates.
pub fn names() -> Vec<String> {
    let library = Library::read();
    library
        .templates()
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Lists the templates that hold a `stage` or `steps`, as one uses them.
pub(crate) fn holding(key: &str) -> Vec<String> {
    let library = Library::read();
    library
        .templates()
        .filter(|(_, template)| child(template, key).is_some())
        .map(|(name, _)| format!("{STD}.{name}"))
        .chain((key == "stage").then(|| APP.to_owned()))
        .collect()
}

/// Tells whether a name of the library stands for what a manifest gives.
fn is_app(name: &str) -> bool {
    APP.strip_prefix(STD) == Some(&format!(".{name}"))
}

/// Lists the inputs of a template, each with what it means.
#[cfg(feature = "lsp")]
pub(crate) fn inputs(template: &str) -> Vec<(String, String)> {
    if is_app(template) {
        return DIR
            .map(|(name, does)| (name.to_owned(), does.to_owned()))
            .to_vec();
    }
    let library = Library::read();
    let root = library.tree.as_ref();
    let inputs = root.and_then(|root| child(child(child(root, "templates")?, template)?, "inputs"));
    let inputs = inputs.map(entries).into_iter().flatten();
    let described =
        inputs.map(|(name, input)| (name.to_owned(), text(input, "description").to_owned()));
    described.collect()
}

/// The text of the standard library with its structure.
struct Library {
    source: Source,
    tree: Option<Node>,
}

impl Library {
    fn read() -> Self {
        let source = Source::new(STD, STD_TEXT);
        let tree = tree::read(&source, &mut Diagnostics::default());
        Self { source, tree }
    }

    fn templates(&self) -> impl Iterator<Item = (&str, &Node)> {
        let templates = self.tree.as_ref().and_then(|tree| child(tree, "templates"));
        templates.map(entries).into_iter().flatten()
    }

    fn section(&self, name: &str) -> Option<String> {
        if is_app(name) {
            return Some(format!("**`{APP}`** (stage): {OF_APP}\n"));
        }
        let template = child(child(self.tree.as_ref()?, "templates")?, name)?;
        let holds = if child(template, "stage").is_some() {
            "stage"
        } else {
            "steps"
        };
        let description = text(template, "description");
        let mut section =
            format!("**<a id=\"{STD}-{name}\"></a>`{STD}.{name}`** ({holds}): {description}\n");
        let Some(inputs) = child(template, "inputs") else {
            return Some(section);
        };
        section.push_str("\n| input | type | default | meaning |\n|---|---|---|---|\n");
        for (input, declared) in entries(inputs) {
            let kind = match text(declared, "type") {
                "" => "string",
                kind => kind,
            };
            let default = match child(declared, "default") {
                Some(default) => code(self.source.slice(default.span)),
                None if text(declared, "required") == "true" => "*required*".to_owned(),
                None => String::new(),
            };
            let meaning = text(declared, "description").replace('|', "\\|");
            _ = writeln!(section, "| `{input}` | {kind} | {default} | {meaning} |");
        }
        Some(section)
    }
}

/// Marks what YAML writes as code; nothing for what is empty.
fn code(yaml: &str) -> String {
    match yaml {
        "\"\"" | "[]" => String::new(),
        _ => format!("`{yaml}`"),
    }
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        Value::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    entries
        .iter()
        .map(|entry| (entry.key.text.as_str(), &entry.value))
}

fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entries(node)
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

/// Returns the value of a key; empty if there is none.
fn text<'a>(node: &'a Node, key: &str) -> &'a str {
    match child(node, key).map(|node| &node.value) {
        Some(Value::Scalar(scalar)) => &scalar.text,
        _ => "",
    }
}
