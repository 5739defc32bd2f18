//! Diagnostics as text: the style of rustc, without colour, since what a build prints has no terminal of its own.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{Source, Span};

/// How many are shown; a file with more is probably one mistake seen many times.
const SHOWN: usize = 20;

/// Renders diagnostics with their excerpts, an empty line between two.
pub fn render(source: &Source, diagnostics: &[&Diagnostic]) -> String {
    let mut texts: Vec<String> = diagnostics
        .iter()
        .take(SHOWN)
        .map(|diagnostic| render_one(source, diagnostic))
        .collect();
    if diagnostics.len() > SHOWN {
        texts.push(format!("… and {} more", diagnostics.len() - SHOWN));
    }
    texts.join("\n\n")
}

fn render_one(source: &Source, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let labels = std::iter::once((AnnotationKind::Primary, &diagnostic.primary)).chain(
        diagnostic
            .secondary
            .iter()
            .map(|label| (AnnotationKind::Context, label)),
    );
    // Only the lines around the labels are given to the renderer: it reads all of what it gets, for every diagnostic.
    let window = window(source, diagnostic);
    let snippet = labels.fold(
        Snippet::source(source.slice(window))
            .line_start(source.position(window.start).line)
            .path(source.name()),
        |snippet, (kind, label)| {
            let (start, end) = (
                label.span.start - window.start,
                label.span.end - window.start,
            );
            let annotation = kind.span(start..end);
            snippet.annotation(if label.text.is_empty() {
                annotation
            } else {
                annotation.label(label.text.as_str())
            })
        },
    );
    let group: Group<'_> = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.name)
        .element(snippet)
        .elements(
            diagnostic
                .help
                .iter()
                .map(|help| Level::HELP.message(help.as_str())),
        );
    Renderer::plain().render(&[group])
}

/// Returns the whole lines that hold all labels.
fn window(source: &Source, diagnostic: &Diagnostic) -> Span {
    let text = source.text();
    let spans = || {
        std::iter::once(&diagnostic.primary)
            .chain(&diagnostic.secondary)
            .map(|label| label.span)
    };
    let first = spans()
        .map(|span| span.start)
        .min()
        .unwrap_or_default()
        .min(text.len());
    let last = spans()
        .map(|span| span.end)
        .max()
        .unwrap_or_default()
        .min(text.len());
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    Span::new(start, end)
}
