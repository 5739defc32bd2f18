//! The reference of the standard library, generated from its source.

use std::fmt::Write;

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::program::{APP, STD, STD_TEXT};
use stagefile_language::source::Source;
use stagefile_language::syntax::tree::{self, Node, Value};

/// The description of the stage that a manifest provides: it is used like a template, but isn't in the library's files.
const OF_APP: &str = "the stage that a manifest in `dir` gives, such as go.mod; its other inputs are build arguments of what `-f` with the manifest builds.";
/// Its only input that doesn't depend on the manifest.
#[cfg(feature = "lsp")]
const DIR: [(&str, &str); 1] = [(
    "dir",
    "Folder of the manifest. Default: that of the build context.",
)];

/// Returns the documentation of the standard library's templates and their inputs. Unknown names are left out.
pub(crate) fn reference(names: &str) -> String {
    let library = Library::read();
    let sections = names.split(' ').filter_map(|name| library.section(name));
    sections.collect::<Vec<_>>().join("\n")
}

/// Returns the names of the standard library's templates.
pub fn names() -> Vec<String> {
    let library = Library::read();
    library
        .templates()
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Returns the templates with a `stage` or `steps`, by the names used in files.
pub(crate) fn holding(key: &str) -> Vec<String> {
    let library = Library::read();
    library
        .templates()
        .filter(|(_, template)| child(template, key).is_some())
        .map(|(name, _)| format!("{STD}.{name}"))
        .chain((key == "stage").then(|| APP.to_owned()))
        .collect()
}

/// Reports whether a name of the library stands for the result of a manifest.
fn is_app(name: &str) -> bool {
    APP.strip_prefix(STD) == Some(&format!(".{name}"))
}

/// Returns the inputs of a template, with their descriptions.
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

/// The parsed source of the standard library.
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

/// Formats YAML as code; empty for empty YAML.
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
