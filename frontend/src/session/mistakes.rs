//! Diagnostics that are sent to the client: as the error of a build, and as warnings.

use buildkit_gateway::{Failure, SourcePosition, Warning};
use stagefile_language::diagnostic::{self, Diagnostics, SHOWN};
use stagefile_language::source::{LANGUAGE, Sources, Span};
use stagefile_lower::range;
use stagefile_text::visible;

use super::Build;

/// Creates the error of a file with mistakes: all of them with their excerpts, and their positions for programs.
///
/// The positions have no file text, since clients would print an excerpt for each. Only for line 1 they would still
/// print an empty one, so these positions have the text.
pub(super) fn failure(sources: &Sources, found: &Diagnostics) -> Failure {
    let failure = Failure::new(diagnostic::failure(sources, found).trim_end());
    let errors = found.errors();
    errors.iter().take(SHOWN).fold(failure, |failure, error| {
        let span = error.primary.span;
        let source = sources.file(span);
        let first_line = source.position(span.start).line == 1;
        let text = if first_line { source.text() } else { "" };
        failure.at(&place(sources, span, text))
    })
}

/// Sends warnings to the client. Failing to send them doesn't end a build.
pub(super) async fn warn(build: &Build<'_>, sources: &Sources, found: &Diagnostics) {
    let warnings = found.warnings();
    if let Some(first) = warnings.get(SHOWN) {
        let message = format!("… and {} more warnings", warnings.len() - SHOWN);
        let position = place(sources, first.primary.span, "");
        let more = Warning::new(message).at(position);
        _ = build.contexts.warn(build.file, more).await;
    }
    for warning in warnings.into_iter().take(SHOWN) {
        let source = sources.file(warning.primary.span);
        let line = source.position(warning.primary.span.start).line;
        // Clients show only the first line, unless asked for more.
        let help = warning
            .help
            .first()
            .map(|help| format!("; {}", visible::line(help)))
            .unwrap_or_default();
        let message = format!(
            "{}: {}{help} (line {line})",
            warning.code.name,
            visible::line(&warning.message)
        );
        let position = excerpt(sources, warning.primary.span);
        let sent = warning
            .help
            .iter()
            .fold(Warning::new(message).at(position), |sent, help| {
                sent.detail(visible::lines(help).into_owned())
            });
        _ = build.contexts.warn(build.file, sent).await;
    }
}

/// Returns a position with the file's text, of which clients print an excerpt.
pub(super) fn excerpt(sources: &Sources, span: Span) -> SourcePosition {
    place(sources, span, sources.file(span).text())
}

fn place(sources: &Sources, span: Span, text: &str) -> SourcePosition {
    SourcePosition::new(sources.file(span).name(), LANGUAGE, text.to_owned())
        .range(range(sources, span))
}
