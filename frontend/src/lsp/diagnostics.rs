//! What is wrong with a file: the same as `check` finds.

use buildkit_dockerfile::Rule;
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location,
    NumberOrString, PublishDiagnosticsParams,
};
use stagefile_language::diagnostic::{self, Severity};
use stagefile_language::driver::Checked;
use stagefile_language::source::Span;

use super::document::{Document, uri_of};
use super::text::Text;
use super::workspace::Workspace;
use crate::cli;

/// How many are told: nobody reads more, and editors draw them all.
const MOST: usize = 500;

/// Checks a file; nothing if it isn't open any more.
pub(super) fn publish(workspace: &mut Workspace, uri: &str) -> Option<PublishDiagnosticsParams> {
    let roots = workspace.roots.clone();
    let document = workspace.get_mut(uri)?;
    let checked = cli::check_text(&document.path, &roots, &document.source());
    let Ok(checked) = checked else {
        document.found.clear();
        return None;
    };
    let all = checked
        .found
        .errors()
        .into_iter()
        .chain(checked.found.warnings());
    let own =
        all.filter(|one| checked.sources.index(one.primary.span) == 0 || !one.secondary.is_empty());
    document.found = own.take(MOST).cloned().collect();
    let told = document
        .found
        .iter()
        .map(|one| told(document, &checked, one, &roots));
    Some(PublishDiagnosticsParams {
        uri: document.uri.clone(),
        version: Some(document.version),
        diagnostics: told.collect(),
    })
}

/// Returns where a place of the file's own is, as the editor counts.
pub(super) fn range(document: &Document, span: Span) -> lsp_types::Range {
    let shift = shift(document);
    document.text.range(span.start + shift, span.end + shift)
}

/// Returns how many bytes the editor has before the text: a byte order mark is no part of it for us.
pub(super) fn shift(document: &Document) -> usize {
    if document.text.as_str().starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    }
}

fn told(
    document: &Document,
    checked: &Checked,
    one: &diagnostic::Diagnostic,
    roots: &[std::path::PathBuf],
) -> Diagnostic {
    let sources = &checked.sources;
    // What is wrong in another file is told where this one leads there.
    let own = |span: &Span| sources.index(*span) == 0;
    let labels = one.secondary.iter().map(|label| label.span);
    let place = std::iter::once(one.primary.span)
        .chain(labels)
        .find(own)
        .unwrap_or_default();
    let mut message = one.message.clone();
    if !one.primary.text.is_empty() {
        message = format!("{message}: {}", one.primary.text);
    }
    for help in &one.help {
        message = format!("{message}\n{help}");
    }
    let around = std::iter::once(&one.primary).chain(&one.secondary);
    let related = around
        .filter(|label| label.span != place)
        .filter_map(|label| {
            let location = if own(&label.span) {
                Location {
                    uri: document.uri.clone(),
                    range: range(document, label.span),
                }
            } else {
                let file = sources.file(label.span);
                let directories = std::iter::once(document.directory())
                    .chain(roots.iter().map(std::path::PathBuf::as_path));
                let mut paths = directories.map(|directory| directory.join(file.name()));
                let path = paths.find(|path| path.is_file())?;
                let text = Text::new(file.text().to_owned());
                Location {
                    uri: uri_of(&path)?,
                    range: text.range(
                        label.span.start - file.start(),
                        label.span.end - file.start(),
                    ),
                }
            };
            let words = if label.text.is_empty() {
                &one.message
            } else {
                &label.text
            };
            Some(DiagnosticRelatedInformation {
                location,
                message: words.clone(),
            })
        });
    let related: Vec<_> = related.collect();
    let page = Rule::all()
        .iter()
        .find(|rule| rule.name == one.code.name)
        .map(|rule| rule.url());
    let page = page.and_then(|url| url.parse().ok());
    Diagnostic {
        range: range(document, place),
        severity: Some(match one.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(one.code.name.to_owned())),
        code_description: page.map(|href| CodeDescription { href }),
        source: Some("stagefile".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}
