//! Formatting, as by `fmt`.

use lsp_types::{DocumentFormattingParams, TextEdit};
use stagefile_language::layout;

use super::document::Document;
use super::workspace::Workspace;

/// Formats a file. There are no edits for a Dockerfile, or for a file that isn't valid YAML.
pub(super) fn format(
    workspace: &Workspace,
    given: &DocumentFormattingParams,
) -> Option<Vec<TextEdit>> {
    let document = workspace.get(&given.text_document.uri)?;
    if document.is_dockerfile {
        return None;
    }
    let old = document.text.as_str();
    let new = layout::format(old)?;
    Some(difference(document, old, &new, 0))
}

/// Makes one edit of the lines that differ between two versions of a file, so that the cursor stays where it is.
pub(super) fn difference(document: &Document, old: &str, new: &str, shift: usize) -> Vec<TextEdit> {
    if old == new {
        return Vec::new();
    }
    let same = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let start = old[..old.floor_char_boundary(same)]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let most = old.len().min(new.len()) - start;
    let same = old
        .bytes()
        .rev()
        .zip(new.bytes().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    // Only whole lines count as unchanged.
    let tail = &old[old.ceil_char_boundary(old.len() - same)..];
    let kept = tail.find('\n').map_or(0, |at| tail.len() - at - 1);
    let (end, new_end) = (old.len() - kept, new.len() - kept);
    vec![TextEdit {
        range: document.text.range(start + shift, end + shift),
        new_text: new[start..new_end].to_owned(),
    }]
}
