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

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{ask, daemon, warnings};

    #[tokio::test]
    async fn of_very_many_warnings_the_number_is_told() {
        let args: Vec<String> = (0..25).map(|number| format!("  A{number}: x\n")).collect();
        let args = args.concat();
        let file = format!("args:\n{args}stages: {{ app: {{ from: busybox:1.35 }} }}\n");
        let daemon = daemon(&file);
        ask(&daemon, &[]).await.unwrap();
        let warnings = warnings(&daemon);
        assert_eq!(warnings.len(), 21, "{warnings:?}");
        assert_eq!(warnings[0], "… and 5 more warnings");
    }

    /// A client shows the first line of a warning, and the others on request.
    #[tokio::test]
    async fn the_help_of_a_warning_is_its_detail_too() {
        let daemon = daemon("args: { UNUSED: x }\nstages: { app: { from: busybox:1.35 } }\n");
        ask(&daemon, &[]).await.unwrap();
        let [warning] = daemon.warnings().try_into().unwrap();
        let short = String::from_utf8_lossy(&warning.short).into_owned();
        assert!(!warning.detail.is_empty(), "{short}");
        let detail = String::from_utf8_lossy(&warning.detail[0]).into_owned();
        assert!(
            short.contains(detail.lines().next().unwrap()),
            "{short}: {detail}"
        );
    }

    /// Clients print an excerpt for every position that comes with a text, and the message already has one.
    #[tokio::test]
    async fn the_places_of_errors_have_no_text_beyond_the_first_line() {
        for (file, has_text) in [
            ("stages: { app: { from: busybox:1.35, stepz: [] } }\n", true),
            ("stages:\n  app: { from: busybox:1.35, stepz: [] }\n", false),
        ] {
            let failure = ask(&daemon(file), &[]).await.unwrap_err();
            let place = failure.positions().next().unwrap();
            assert_eq!(!place.file.data.is_empty(), has_text, "{file}");
        }
    }
}
