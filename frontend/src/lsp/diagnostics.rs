//! The problems of a file: the same that `check` finds.

use buildkit_dockerfile::Rule;
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location,
    NumberOrString, PublishDiagnosticsParams,
};
use stagefile_language::diagnostic::{self, Code, Fix, Severity};
use stagefile_language::driver::Checked;
use stagefile_language::source::Span;

use super::document::{Document, uri_of};
use super::text::Text;
use super::workspace::Workspace;
use crate::cli;

/// The maximum number of diagnostics sent for one file. Editors draw all of them, and nobody reads more than this.
const MAX_DIAGNOSTICS: usize = 500;

/// A problem of a file, with what hovers and corrections need.
#[derive(Debug)]
pub(super) struct Finding {
    /// What kind of mistake it is.
    pub(super) code: &'static Code,
    /// Where it is reported, in bytes of the checked file.
    pub(super) place: Span,
    /// The correction, if it is in this file.
    pub(super) fix: Option<Fix>,
}

/// Checks a file; `None` if it is no longer open.
pub(super) fn find(workspace: &mut Workspace, uri: &str) -> Option<PublishDiagnosticsParams> {
    let roots = workspace.roots.clone();
    let document = workspace.get_mut(uri)?;
    let checked = match cli::check_text(&document.path, &roots, &document.source()) {
        Ok(checked) => checked,
        Err(error) => return Some(failed(document, &error.to_string())),
    };
    let is_own = |span: Span| checked.sources.index(span) == 0;
    let (errors, warnings) = (checked.found.errors(), checked.found.warnings());
    let all = errors.into_iter().chain(warnings);
    let all = all.filter(|one| is_own(one.primary.span) || !one.secondary.is_empty());
    let all: Vec<_> = all.take(MAX_DIAGNOSTICS).collect();
    let found = all.iter().map(|one| Finding {
        code: one.code,
        place: place(&checked, one),
        fix: one.fix.clone().filter(|fix| is_own(fix.span)),
    });
    document.found = found.collect();
    let told = all
        .into_iter()
        .map(|one| told(document, &checked, one, &roots));
    Some(PublishDiagnosticsParams {
        uri: document.uri.clone(),
        version: Some(document.version),
        diagnostics: told.collect(),
    })
}

/// Reports that a file couldn't be checked. This replaces what was found before.
pub(super) fn failed(document: &mut Document, reason: &str) -> PublishDiagnosticsParams {
    document.found.clear();
    PublishDiagnosticsParams {
        uri: document.uri.clone(),
        version: Some(document.version),
        diagnostics: vec![Diagnostic {
            range: document.text.range(0, 0),
            severity: Some(DiagnosticSeverity::ERROR),
            source: Some("stagefile".to_owned()),
            message: format!("this file can't be checked: {reason}"),
            ..Diagnostic::default()
        }],
    }
}

/// Returns where a problem is reported. A problem in another file is reported where this file refers to it.
fn place(checked: &Checked, one: &diagnostic::Diagnostic) -> Span {
    let labels = one.secondary.iter().map(|label| label.span);
    std::iter::once(one.primary.span)
        .chain(labels)
        .find(|span| checked.sources.index(*span) == 0)
        .unwrap_or_default()
}

/// Converts a span of this file to the editor's positions.
pub(super) fn range(document: &Document, span: Span) -> lsp_types::Range {
    let shift = shift(document);
    document.text.range(span.start + shift, span.end + shift)
}

/// Returns how many bytes precede the text in the editor: we don't count a byte order mark as part of the text.
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
    let own = |span: &Span| sources.index(*span) == 0;
    let place = place(checked, one);
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
                let own = document.directory().into_iter();
                let directories = own.chain(roots.iter().map(std::path::PathBuf::as_path));
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
