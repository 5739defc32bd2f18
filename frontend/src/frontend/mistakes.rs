//! Diagnostics on their way to the client: as the error of a build, and as warnings beside it.

use buildkit_gateway::{Failure, SourcePosition, Warning};

use super::{Build, LANGUAGE};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::range;
use crate::source::{Source, Span};
use crate::tools::check::Checked;

/// Makes the error of a file with mistakes: all of them with their excerpts, and their places for programs.
///
/// The places come without the file's text, since clients would print an excerpt of their own for each. Only of line 1
/// they print one even then, an empty one, so there they get the text.
pub(super) fn failure(checked: &Checked, source: &Source) -> Failure {
    let failure = Failure::new(checked.failure(source).trim_end());
    checked
        .found
        .errors()
        .iter()
        .fold(failure, |failure, error| {
            let first_line = source.position(error.primary.span.start).line == 1;
            let text = if first_line { source.text() } else { "" };
            failure.at(&place(source, error, text.to_owned()))
        })
}

/// Makes the error of one mistake that was found while building.
pub(super) fn single(source: &Source, error: Diagnostic) -> Failure {
    let mut found = Diagnostics::default();
    found.push(error);
    failure(&Checked { plan: None, found }, source)
}

/// Sends warnings to the client. That they can't be sent is no reason to end a build.
pub(super) async fn warn(build: &Build<'_>, found: &Diagnostics) {
    let source = build.source;
    for warning in found.warnings() {
        let line = source.position(warning.primary.span.start).line;
        // Clients show the first line only, unless they are asked for more.
        let help = warning
            .help
            .first()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        let message = format!(
            "{}: {}{help} (line {line})",
            warning.code.name, warning.message
        );
        let position = excerpt(source, warning.primary.span);
        let sent = warning
            .help
            .iter()
            .fold(Warning::new(message).at(position), Warning::detail);
        _ = build.contexts.warn(build.file, sent).await;
    }
}

/// Returns a place with the file's text, of which clients print an excerpt.
pub(super) fn excerpt(source: &Source, span: Span) -> SourcePosition {
    SourcePosition::new(source.name(), LANGUAGE, source.text().to_owned())
        .range(range(source, span))
}

fn place(source: &Source, diagnostic: &Diagnostic, text: String) -> SourcePosition {
    SourcePosition::new(source.name(), LANGUAGE, text).range(range(source, diagnostic.primary.span))
}
