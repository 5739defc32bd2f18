//! Other names, everywhere at once.

use std::collections::HashMap;

use lsp_types::{
    PrepareRenameResponse, RenameParams, TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit,
};

use super::names::{Kind, STD, Site};
use super::navigation::{named, places};
use super::workspace::Workspace;

/// Tells what would be renamed at a position.
pub(super) fn prepare(
    workspace: &Workspace,
    at: &TextDocumentPositionParams,
) -> Option<PrepareRenameResponse> {
    let (document, site) = named(workspace, at)?;
    if !can_be_renamed(site)
        || places(workspace, document, site)
            .iter()
            .all(|place| !place.is_definition)
    {
        return None;
    }
    let range = document.text.range(site.range.start, site.range.end);
    Some(PrepareRenameResponse::Range(range))
}

/// Names of the library are what they are.
fn can_be_renamed(site: &Site) -> bool {
    site.name != STD && site.owner.as_deref() != Some(STD)
}

/// Gives the name at a position another one; or says why not.
#[expect(clippy::mutable_key_type, reason = "the protocol's type has it so")]
pub(super) fn rename(
    workspace: &Workspace,
    given: &RenameParams,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some((document, site)) = named(workspace, &given.text_document_position) else {
        return Ok(None);
    };
    let name = given.new_name.as_str();
    let is_variable = matches!(site.kind, Kind::Arg | Kind::Variable);
    let is_part = |letter: char| {
        letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' && !is_variable
    };
    let begins_well = name.starts_with(|first: char| {
        first.is_ascii_alphanumeric() && !(is_variable && first.is_ascii_digit()) || first == '_'
    });
    if !begins_well || !name.chars().all(is_part) {
        return Err(format!(
            "`{name}` can't be the name of a {}",
            site.kind.word()
        ));
    }
    if !can_be_renamed(site) {
        return Err(format!("`{}` is a name of the standard library", site.name));
    }
    let places = places(workspace, document, site);
    if places.iter().all(|place| !place.is_definition) {
        return Err(format!(
            "`{}` is not defined in a file of this workspace",
            site.name
        ));
    }
    let is_taken = |one: &Site| {
        one.is_definition
            && one.kind == site.kind
            && one.owner == site.owner
            && one.name == name
            && one.name != site.name
    };
    if document.sites().iter().any(is_taken) {
        return Err(format!(
            "there is a {} named `{name}` already",
            site.kind.word()
        ));
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for place in places {
        let edit = TextEdit {
            range: place.location.range,
            new_text: name.to_owned(),
        };
        let edits = changes.entry(place.location.uri).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Ok(Some(WorkspaceEdit {
        changes: Some(changes),
        ..WorkspaceEdit::default()
    }))
}
