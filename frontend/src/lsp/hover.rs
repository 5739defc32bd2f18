//! Hovers explain the word under the cursor: keys from the manual, names from their definitions, and problems found
//! there.

use std::fmt::Write as _;

use lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use stagefile_language::plan::preset;
use stagefile_language::syntax::tree::Node;

use super::context::{self, Part};
use super::document::Document;
use super::names::{Kind, STD, Site, child};
use super::navigation::import_of;
use super::workspace::Workspace;
use super::{diagnostics, instructions, shapes};
use crate::tools::library;

/// Explains the word at a position.
pub(super) fn hover(workspace: &Workspace, given: &HoverParams) -> Option<Hover> {
    let at = &given.text_document_position_params;
    let document = workspace.get(&at.text_document.uri)?;
    let offset = document.text.offset(at.position);
    let mut parts = Vec::new();
    if let Some(site) = document.site(offset) {
        parts.extend(name(workspace, document, site));
    } else if document.is_dockerfile {
        parts.extend(instructions::hover(&document.text, offset));
    } else {
        parts.extend(key_or_word(document, offset));
    }
    let wrong = document.found.iter().find(|one| {
        let range = diagnostics::range(document, one.place);
        range.start <= at.position && at.position <= range.end
    });
    if let Some(one) = wrong.filter(|one| !one.code.page.is_empty()) {
        parts.push(format!("**{}**\n\n{}", one.code.name, one.code.page.trim()));
    }
    let value = parts.join("\n\n---\n\n");
    (!value.is_empty()).then_some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        }),
        range: None,
    })
}

/// Explains a key, or one of the words that its value may be.
fn key_or_word(document: &Document, offset: usize) -> Option<String> {
    let text = document.text.as_str();
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let rest = &text[offset..];
    let end = offset + rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    let found = context::at(&document.text, end);
    let is_key = text[end..].trim_start_matches(['"', '\'']).starts_with(':');
    if is_key && found.keys.is_some() {
        let shapes = shapes::at(&found.path);
        let there = found.keys.clone().unwrap_or_default();
        let key = shapes::key(&shapes, &found.word, &there)?;
        return Some(key_page(key));
    }
    if found.is_text {
        return None;
    }
    let word = found.word.trim_matches(['"', '\'']);
    if found.key() == "caches"
        && found.names().len() > 1
        && let Some(preset) = preset::find(word)
    {
        return Some(preset_page(preset));
    }
    // On the value of a key, explain the key.
    let last = found
        .path
        .iter()
        .rposition(|part| matches!(part, Part::Key(..)))?;
    let Part::Key(name, beside) = &found.path[last] else {
        return None;
    };
    let shapes = shapes::at(&found.path[..last]);
    shapes::key(&shapes, name, &beside.keys).map(key_page)
}

/// Renders what the manual says about a key.
pub(super) fn key_page(key: &stagefile_language::syntax::keys::Key) -> String {
    let mut page = format!("`{}`: {}", key.name, key.meaning);
    if !key.default.is_empty() {
        _ = write!(page, "\n\nDefault: {}", key.default);
    }
    _ = write!(page, "\n\n```yaml\n{}: {}\n```", key.name, key.example);
    page
}

/// Renders what a preset keeps.
pub(super) fn preset_page(preset: &preset::Preset) -> String {
    let directories = preset
        .directories
        .iter()
        .map(|directory| match directory.target {
            preset::Location::Path(path) => format!("`{path}`"),
            preset::Location::Home(variable, home, below) => {
                let home = if variable.is_empty() {
                    format!("~/{home}")
                } else {
                    format!("${variable}")
                };
                format!("`{home}/{below}`")
            }
        });
    let directories: Vec<String> = directories.collect();
    format!(
        "the preset `{}`: a cache of {}",
        preset.name,
        directories.join(" and ")
    )
}

/// Explains a name: where it comes from, and its description.
fn name(workspace: &Workspace, document: &Document, site: &Site) -> Option<String> {
    if site.owner.as_deref() == Some(STD) {
        return Some(library::reference(&site.name)).filter(|page| !page.is_empty());
    }
    if site.kind == Kind::Cache
        && document.definition(site).is_none()
        && let Some(preset) = preset::find(&site.name)
    {
        return Some(preset_page(preset));
    }
    if let Some(definition) = document.definition(site) {
        return Some(definition_page(document, definition));
    }
    let (import, wanted) = import_of(document, site)?;
    let home = workspace.imported(document, import)?;
    Some(definition_page(&home, home.definition(&wanted)?))
}

/// Shows a definition: what it is, its description, and its first lines.
pub(super) fn definition_page(document: &Document, definition: &Site) -> String {
    const LINES: usize = 12;
    const LETTERS: usize = 120;
    let top = match definition.kind {
        Kind::Stage => "stages",
        Kind::Template => "templates",
        Kind::Arg => "args",
        Kind::Secret => "secrets",
        Kind::Cache => "caches",
        Kind::Import => "imports",
        Kind::Variable | Kind::Output => "",
    };
    let described = document
        .root()
        .and_then(|root| child(child(child(root, top)?, &definition.name)?, "description"));
    let described = described
        .and_then(Node::string)
        .map(|text| format!("\n\n{text}"));
    let whole = definition.whole.clone();
    let text = document.text.as_str();
    // With its indentation, but without the rest of its line.
    let before = document.text.before(whole.start);
    let start = if before.trim_start().is_empty() {
        whole.start - before.len()
    } else {
        whole.start
    };
    let source = text
        .get(start..whole.end.min(text.len()).max(start))
        .unwrap_or_default();
    let mut rest = source.lines();
    let lines = rest.by_ref().take(LINES);
    let mut lines: Vec<String> = lines
        .map(|line| match line.char_indices().nth(LETTERS) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.trim_end().to_owned(),
        })
        .collect();
    if rest.next().is_some() {
        lines.push("…".to_owned());
    }
    let language = if document.is_dockerfile {
        "dockerfile"
    } else {
        "yaml"
    };
    format!(
        "the {} `{}`{}\n\n```{language}\n{}\n```",
        definition.kind.word(),
        definition.name,
        described.unwrap_or_default(),
        lines.join("\n")
    )
}
