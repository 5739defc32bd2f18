//! Locations of diagnostics.

use stagefile_language::diagnostic::{Diagnostics, render};
use stagefile_language::source::{Sources, Span};

/// Checks that all findings can be shown: all locations are in the file and between characters.
pub(crate) fn check(sources: &Sources, found: &Diagnostics) {
    for shown in [found.errors(), found.warnings()] {
        for diagnostic in &shown {
            let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            let fix = diagnostic.fix.as_ref().map(|fix| fix.span);
            for span in labels.map(|label| label.span).chain(fix) {
                assert!(
                    inside(sources, span),
                    "{} of {span:?}: {}",
                    diagnostic.code.name,
                    diagnostic.message
                );
            }
            assert!(!diagnostic.message.is_empty(), "nothing is said");
        }
        let text = render(sources, &shown);
        assert_eq!(text.is_empty(), shown.is_empty());
    }
}

/// Tells whether a location is in the file and between characters.
pub(crate) fn inside(sources: &Sources, span: Span) -> bool {
    let file = sources.file(span);
    let inside = |offset: usize| offset.checked_sub(file.start());
    let range = inside(span.start).zip(inside(span.end));
    range.is_some_and(|(start, end)| file.text().get(start..end).is_some())
}
