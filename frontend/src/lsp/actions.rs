//! Code actions: the corrections that `check --fix` makes, one by one or all at once.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, Uri, WorkspaceEdit,
};

use super::diagnostics::{range, shift};
use super::document::Document;
use super::workspace::Workspace;
use crate::cli;
use crate::tools::fix::Fixing;

/// Lists the corrections for a range.
pub(super) fn actions(workspace: &Workspace, given: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let Some(document) = workspace.get(&given.text_document.uri) else {
        return Vec::new();
    };
    let wants = |kind: &CodeActionKind| {
        let only = given.context.only.as_deref();
        only.is_none_or(|only| {
            only.iter()
                .any(|one| kind.as_str().starts_with(one.as_str()))
        })
    };
    let mut actions = Vec::new();
    if wants(&CodeActionKind::QUICKFIX) {
        for one in &document.found {
            let place = range(document, one.place);
            let is_here = place.start <= given.range.end && given.range.start <= place.end;
            let Some(fix) = one.fix.as_ref().filter(|_| is_here) else {
                continue;
            };
            let edit = TextEdit {
                range: range(document, fix.span),
                new_text: fix.replacement.clone(),
            };
            let shown = fix.replacement.trim();
            let title = if shown.is_empty() {
                "Remove this".to_owned()
            } else if shown.contains('\n') || shown.len() > 60 {
                format!("Correct {}", one.code.name)
            } else {
                format!("Write `{shown}`")
            };
            actions.push(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                edit: Some(edit_of(document, vec![edit])),
                is_preferred: Some(true),
                ..CodeAction::default()
            });
        }
    }
    // The corrections of a file that has just changed are only found once the action is chosen.
    let may_have_some =
        workspace.is_changed(document) || document.found.iter().any(|one| one.fix.is_some());
    if wants(&CodeActionKind::SOURCE_FIX_ALL) && may_have_some {
        actions.push(CodeAction {
            title: "Correct all that stagefile can correct".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            data: Some(document.uri.as_str().into()),
            ..CodeAction::default()
        });
    }
    actions.into_iter().map(Into::into).collect()
}

#[expect(clippy::mutable_key_type, reason = "the protocol's type has it so")]
fn edit_of(document: &Document, edits: Vec<TextEdit>) -> WorkspaceEdit {
    let changes: HashMap<Uri, Vec<TextEdit>> = HashMap::from([(document.uri.clone(), edits)]);
    WorkspaceEdit {
        changes: Some(changes),
        ..WorkspaceEdit::default()
    }
}

/// Makes all corrections of a file, once the user has chosen that action.
pub(super) fn resolve(workspace: &Workspace, mut action: CodeAction) -> CodeAction {
    let uri = action.data.as_ref().and_then(|data| data.as_str());
    let uri: Option<Uri> = uri.and_then(|uri| uri.parse().ok());
    if let Some(document) = uri.and_then(|uri| workspace.get(&uri)) {
        let edits = fixed(workspace, document);
        action.edit = Some(edit_of(document, edits));
    }
    action
}

fn fixed(workspace: &Workspace, document: &Document) -> Vec<TextEdit> {
    let mut fixing = Fixing::new(&document.source());
    while let Ok(checked) = cli::check_text(&document.path, &workspace.roots, fixing.source()) {
        if !fixing.learn(&checked.sources, &checked.found) {
            break;
        }
    }
    let old = &document.text.as_str()[shift(document)..];
    let new = fixing.source().text();
    super::formatting::difference(document, old, new, shift(document))
}
