//! Renaming, in all files at once.

use std::collections::HashMap;

use buildkit_dockerfile::is_stage_name;
use lsp_types::{
    PrepareRenameResponse, RenameParams, TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit,
};
use stagefile_language::planner::{is_reserved, is_variable, is_word};

use super::names::{Kind, STD, Site};
use super::navigation::{Home, named, occurrences};
use super::workspace::Workspace;

/// Tells what would be renamed at a position.
pub(super) fn prepare(
    workspace: &Workspace,
    at: &TextDocumentPositionParams,
) -> Option<PrepareRenameResponse> {
    let (document, site) = named(workspace, at)?;
    if !can_be_renamed(site)
        || occurrences(workspace, document, site)
            .iter()
            .all(|occurrence| !occurrence.is_definition)
    {
        return None;
    }
    let range = document.text.range(site.range.start, site.range.end);
    Some(PrepareRenameResponse::Range(range))
}

/// Names of the standard library can't be renamed.
fn can_be_renamed(site: &Site) -> bool {
    site.name != STD && site.owner.as_deref() != Some(STD)
}

/// Tells whether a thing of this kind can have such a name.
fn is_name(name: &str, kind: Kind, is_dockerfile: bool) -> bool {
    if is_dockerfile {
        return !name.eq_ignore_ascii_case("scratch") && is_stage_name(name);
    }
    match kind {
        Kind::Arg | Kind::Variable => is_variable(name),
        Kind::Import => is_word(name) && name != STD,
        Kind::Stage => is_word(name) && !is_reserved(name),
        _ => is_word(name),
    }
}

/// Renames the name at a position, or says why that isn't possible.
#[expect(clippy::mutable_key_type, reason = "the protocol's type has it so")]
pub(super) fn rename(
    workspace: &Workspace,
    given: &RenameParams,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some((document, site)) = named(workspace, &given.text_document_position) else {
        return Ok(None);
    };
    let name = given.new_name.as_str();
    if !is_name(name, site.kind, document.is_dockerfile) {
        return Err(format!(
            "`{name}` can't be the name of a {}",
            site.kind.word()
        ));
    }
    if !can_be_renamed(site) {
        return Err(format!("`{}` is a name of the standard library", site.name));
    }
    let occurrences = occurrences(workspace, document, site);
    let home = Home::find(workspace, document, site);
    let home = home.filter(|_| {
        occurrences
            .iter()
            .any(|occurrence| occurrence.is_definition)
    });
    let Some(home) = home else {
        return Err(format!(
            "`{}` is not defined in a file of this workspace",
            site.name
        ));
    };
    let wanted = Site {
        name: if document.is_dockerfile {
            name.to_lowercase()
        } else {
            name.to_owned()
        },
        ..home.wanted.clone()
    };
    let is_taken = |one: &Site| one.is_definition && one.is_same(&wanted);
    if wanted.name != home.wanted.name && home.document().sites().iter().any(is_taken) {
        return Err(format!(
            "there is a {} named `{name}` already",
            site.kind.word()
        ));
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for occurrence in occurrences {
        let edit = TextEdit {
            range: occurrence.location.range,
            new_text: name.to_owned(),
        };
        let edits = changes.entry(occurrence.location.uri).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Ok(Some(WorkspaceEdit {
        changes: Some(changes),
        ..WorkspaceEdit::default()
    }))
}
