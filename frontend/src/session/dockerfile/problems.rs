//! Errors that end a build, combined with other information about the file.

use buildkit_gateway::Failure;
use stagefile_language::diagnostic::{Diagnostics, render};
use stagefile_language::source::Sources;
use stagefile_text::visible;

use crate::dockerfile::check;

/// Adds the other errors of a file to the main error, of which clients show an excerpt themselves.
pub(super) fn with_others(problem: Failure, sources: &Sources, found: &Diagnostics) -> Failure {
    let first = visible::line(problem.message()).into_owned();
    let problem = with_reasons(problem, sources, found);
    let errors = found.errors().into_iter();
    let others: Vec<_> = errors
        .filter(|error| visible::line(&error.message) != first)
        .collect();
    if others.is_empty() {
        return problem;
    }
    let count = match others.len() {
        1 => "1 more error".to_owned(),
        count => format!("{count} more errors"),
    };
    let name = visible::line(sources.main().name());
    let more = render(sources, &others);
    let message = format!("{}\n\n{count} in {name}\n\n{more}", problem.message());
    problem.with_message(message)
}

/// Adds the probable reason for an error, found at the same location, and further information about it.
fn with_reasons(problem: Failure, sources: &Sources, found: &Diagnostics) -> Failure {
    // Docker's message includes it already.
    if problem.message().contains("(did you mean ") {
        return problem;
    }
    let lines: Vec<i32> = problem
        .positions()
        .flat_map(|position| position.ranges)
        .map(|range| range.start.line)
        .collect();
    let first = visible::line(problem.message());
    // Further information about the error itself.
    let errors = found.errors().into_iter();
    let itself =
        errors.filter(|error| visible::line(&error.message) == first && !error.help.is_empty());
    let warnings = found.warnings().into_iter();
    let reasons: Vec<_> = warnings
        .filter(|warning| {
            let span = warning.primary.span;
            let line = sources.file(span).position(span.start).line;
            check::REASONS.contains(&warning.code.name)
                && lines.iter().any(|at| usize::try_from(*at) == Ok(line))
        })
        .chain(itself)
        .collect();
    if reasons.is_empty() {
        return problem;
    }
    let message = format!("{}\n\n{}", problem.message(), render(sources, &reasons));
    problem.with_message(message)
}
