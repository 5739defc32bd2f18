//! Places that diagnostics point at.

use stagefile::diagnostic::{Diagnostics, render};
use stagefile::source::{Source, Span};

/// Checks that everything that was found can be shown: all places lie in the file and between characters.
pub(crate) fn check(source: &Source, found: &Diagnostics) {
    for shown in [found.errors(), found.warnings()] {
        for diagnostic in &shown {
            let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            let fix = diagnostic.fix.as_ref().map(|fix| fix.span);
            for span in labels.map(|label| label.span).chain(fix) {
                assert!(
                    inside(source, span),
                    "{} of {span:?}: {}",
                    diagnostic.code.name,
                    diagnostic.message
                );
            }
            assert!(!diagnostic.message.is_empty(), "nothing is said");
        }
        let text = render(source, &shown);
        assert_eq!(text.is_empty(), shown.is_empty());
    }
}

/// Tells whether a place lies in the file and between characters.
pub(crate) fn inside(source: &Source, span: Span) -> bool {
    source.text().get(span.range()).is_some()
}
