//! Completion at the cursor: keys, words, names, and in `${{ }}` the names that expressions know.

use std::collections::BTreeSet;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionTextEdit, Documentation,
    MarkupContent, MarkupKind, Range, TextEdit,
};
use stagefile_language::expression::{BASE, places};
use stagefile_language::plan::{VCS, preset};
use stagefile_language::syntax::keys::Shape;

use super::context::{self, Context, Part};
use super::document::Document;
use super::hover::{definition_page, key_page, preset_page};
use super::names::{Kind, STD, Site};
use super::shapes;
use super::workspace::Workspace;
use crate::tools::library;

/// The names that expressions know besides those that a file defines, with the members of each.
const KNOWN: [(&str, &[&str]); 11] = [
    ("args", &[]),
    ("inputs", &[]),
    ("matrix", &[]),
    ("platform", &["target", "build"]),
    ("platform.target", &["os", "arch", "variant", "string"]),
    ("platform.build", &["os", "arch", "variant", "string"]),
    ("stage", &["name", "user"]),
    ("target", &[]),
    ("base", &BASE),
    ("vcs", &VCS),
    ("sh", &[]),
];

/// Lists the completions at a position.
pub(super) fn complete(
    workspace: &Workspace,
    given: &CompletionParams,
) -> Option<Vec<CompletionItem>> {
    let at = &given.text_document_position;
    let document = workspace.get(&at.text_document.uri)?;
    let offset = document.text.offset(at.position);
    let mut found = Found {
        document,
        offset,
        place: document.text.range(offset, offset),
        items: Vec::new(),
        seen: BTreeSet::new(),
    };
    if document.is_dockerfile {
        in_dockerfile(&mut found, offset);
        return Some(found.items);
    }
    let context = context::at(&document.text, offset);
    let before = document.text.before(offset);
    let is_condition = context.key() == "if" && context.is_value;
    let last = places(before).last();
    if let Some(open) = last.filter(|place| place.end == before.len()) {
        in_expression(&mut found, &context, &before[open]);
    } else if is_condition {
        in_expression(&mut found, &context, &context.word);
    } else if !context.is_text {
        found.begin_at(context.start);
        if let Some(there) = &context.keys {
            keys(&mut found, workspace, &context, there);
        }
        if context.is_value {
            values(&mut found, workspace, &context);
        }
    }
    Some(found.items)
}

/// The completions found, without duplicates.
struct Found<'a> {
    document: &'a Document,
    /// The cursor.
    offset: usize,
    /// The range that a completion replaces.
    place: Range,
    items: Vec<CompletionItem>,
    seen: BTreeSet<String>,
}

impl Found<'_> {
    /// Makes completions replace the text from a byte to the cursor.
    fn begin_at(&mut self, start: usize) {
        self.place = self.document.text.range(start, self.offset);
    }

    /// Adds the keys that are allowed beside those already there.
    fn keys(&mut self, shapes: &[Shape], there: &[String]) {
        for key in shapes::keys(shapes, there) {
            let page = Some(key_page(key));
            self.push(key.name, CompletionItemKind::PROPERTY, "", page, ": ");
        }
    }

    fn push(
        &mut self,
        label: &str,
        kind: CompletionItemKind,
        detail: &str,
        page: Option<String>,
        after: &str,
    ) {
        if !self.seen.insert(label.to_owned()) {
            return;
        }
        let edit = TextEdit {
            range: self.place,
            new_text: format!("{label}{after}"),
        };
        self.items.push(CompletionItem {
            label: label.to_owned(),
            kind: Some(kind),
            detail: (!detail.is_empty()).then(|| detail.to_owned()),
            documentation: page.map(|value| {
                Documentation::MarkupContent(MarkupContent {
                    kind: MarkupKind::Markdown,
                    value,
                })
            }),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        });
    }

    /// Adds the names that a file defines.
    fn names(
        &mut self,
        home: &Document,
        kind: Kind,
        prefix: &str,
        is_wanted: impl Fn(&Site) -> bool,
    ) {
        for site in home
            .sites()
            .iter()
            .filter(|site| site.is_definition && site.kind == kind && is_wanted(site))
        {
            let label = format!("{prefix}{}", site.name);
            let icon = match kind {
                Kind::Stage => CompletionItemKind::CLASS,
                Kind::Template => CompletionItemKind::FUNCTION,
                Kind::Output | Kind::Variable => CompletionItemKind::FIELD,
                Kind::Import => CompletionItemKind::MODULE,
                _ => CompletionItemKind::VARIABLE,
            };
            self.push(
                &label,
                icon,
                kind.word(),
                Some(definition_page(home, site)),
                "",
            );
        }
    }
}

fn keys(found: &mut Found<'_>, workspace: &Workspace, context: &Context, there: &[String]) {
    let shapes = shapes::at(&context.path);
    found.keys(&shapes, there);
    if context.key() != "with" {
        return;
    }
    // The inputs of the template that the sibling key `use` names.
    let Some(used) = context.used_beside() else {
        return;
    };
    let is_new = |name: &str| !there.iter().any(|one| one == name);
    if let Some(name) = used.strip_prefix("std.") {
        for input in library::inputs(name)
            .into_iter()
            .filter(|input| is_new(&input.0))
        {
            found.push(
                &input.0,
                CompletionItemKind::FIELD,
                "input",
                Some(input.1),
                ": ",
            );
        }
        return;
    }
    let (home, name) = match used.split_once('.') {
        Some((import, name)) => (workspace.imported(found.document, import), name.to_owned()),
        None => (None, used.to_owned()),
    };
    let home = home.as_ref().unwrap_or(found.document);
    let definitions = home.sites().iter().filter(|site| {
        site.is_definition
            && site.kind == Kind::Variable
            && site.owner.as_deref() == Some(&name)
            && is_new(&site.name)
    });
    let definitions: Vec<(String, String)> = definitions
        .map(|site| (site.name.clone(), definition_page(home, site)))
        .collect();
    for (name, page) in definitions {
        found.push(&name, CompletionItemKind::FIELD, "input", Some(page), ": ");
    }
}

fn values(found: &mut Found<'_>, workspace: &Workspace, context: &Context) {
    let shapes = shapes::at(&context.path);
    for word in shapes::words(&shapes) {
        found.push(word, CompletionItemKind::ENUM_MEMBER, "", None, "");
    }
    let document = found.document;
    let names = context.names();
    let is_top = names.len() <= 1;
    let imports: Vec<String> = document
        .sites()
        .iter()
        .filter(|site| site.is_definition && site.kind == Kind::Import)
        .map(|site| site.name.clone())
        .collect();
    // The name of the stage that the cursor is in.
    let own = (names.first() == Some(&"stages"))
        .then(|| names.get(1).copied())
        .flatten();
    let is_other = |site: &Site| Some(site.name.as_str()) != own && site.owner.is_none();
    let imported = |found: &mut Found<'_>, kind: Kind| {
        for name in &imports {
            if let Some(home) = workspace.imported(document, name) {
                found.names(&home, kind, &format!("{name}."), |site| {
                    site.owner.is_none()
                });
            }
        }
    };
    match context.key() {
        "from" | "in" | "stage" | "requires" | "target" if context.key() != "target" || is_top => {
            if let Some((stage, _)) = context.word.split_once('.') {
                let prefix = format!("{stage}.");
                found.names(document, Kind::Output, &prefix, |site| {
                    site.owner.as_deref() == Some(stage)
                });
            }
            found.names(document, Kind::Stage, "", is_other);
            imported(found, Kind::Stage);
            if context.key() == "from" {
                for (word, meaning) in [("scratch", "nothing"), ("context", "the build context")] {
                    found.push(word, CompletionItemKind::KEYWORD, meaning, None, "");
                }
            }
        }
        "caches" if !is_top => {
            found.names(document, Kind::Cache, "", |_| true);
            imported(found, Kind::Cache);
            for preset in preset::ALL {
                found.push(
                    preset.name,
                    CompletionItemKind::VALUE,
                    "preset",
                    Some(preset_page(preset)),
                    "",
                );
            }
        }
        "secrets" if !is_top => {
            found.names(document, Kind::Secret, "", |_| true);
            imported(found, Kind::Secret);
        }
        "use" => {
            found.names(document, Kind::Template, "", |_| true);
            imported(found, Kind::Template);
            let in_steps = context.path.contains(&Part::Item);
            for name in library::holding(if in_steps { "steps" } else { "stage" }) {
                let own = name.trim_start_matches(STD).trim_start_matches('.');
                found.push(
                    &name,
                    CompletionItemKind::FUNCTION,
                    "template",
                    Some(library::reference(own)),
                    "",
                );
            }
        }
        "platform" => {
            for word in ["target", "build", "linux/amd64", "linux/arm64"] {
                found.push(word, CompletionItemKind::ENUM_MEMBER, "", None, "");
            }
        }
        _ => {}
    }
    // A list of mappings, such as steps: the keys of its items.
    if matches!(context.path.last(), Some(Part::Item)) && context.keys.is_none() && !context.is_text
    {
        let records = shapes.iter().any(|shape| matches!(shape, Shape::Record(_)));
        if records {
            found.keys(&shapes, &[]);
        }
    }
}

fn in_expression(found: &mut Found<'_>, context: &Context, text: &str) {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
    let start = text.rfind(|letter| !is_part(letter)).map_or(0, |at| at + 1);
    let path = &text[start..];
    let (owner, word) = path
        .rsplit_once('.')
        .map_or(("", path), |(owner, word)| (owner, word));
    found.begin_at(found.offset - word.len());
    let document = found.document;
    let names = context.names();
    let place = names.get(1).copied();
    match owner {
        "" => {
            for (name, _) in KNOWN.iter().filter(|(name, _)| !name.contains('.')) {
                found.push(name, CompletionItemKind::VARIABLE, "", None, "");
            }
        }
        "args" => found.names(document, Kind::Arg, "", |_| true),
        "inputs" | "matrix" => {
            found.names(document, Kind::Variable, "", |site| {
                place.is_none_or(|place| site.owner.as_deref() == Some(place))
            });
        }
        owner => {
            let known = KNOWN.iter().find(|(name, _)| *name == owner);
            for member in known.map_or(&[][..], |(_, members)| members) {
                found.push(member, CompletionItemKind::FIELD, "", None, "");
            }
        }
    }
}

/// In a Dockerfile, adds stages where an instruction takes one.
fn in_dockerfile(found: &mut Found<'_>, offset: usize) {
    let document = found.document;
    let before = document.text.before(offset);
    let word = before
        .rsplit([' ', '\t', '=', ','])
        .next()
        .unwrap_or_default();
    let is_place = before.ends_with(&format!("from={word}"))
        || before.trim_start().to_lowercase().starts_with("from ")
            && before.split_whitespace().count() <= 2;
    if is_place {
        found.begin_at(offset - word.len());
        found.names(document, Kind::Stage, "", |site| site.range.start < offset);
    } else if before.trim_start() == word {
        found.begin_at(offset - word.len());
        for keyword in buildkit_dockerfile::KEYWORDS {
            found.push(
                &keyword.to_uppercase(),
                CompletionItemKind::KEYWORD,
                "",
                None,
                " ",
            );
        }
    }
}
