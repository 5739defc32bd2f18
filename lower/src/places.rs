//! Where in the files an operation comes from, as the daemon and its clients know it.

use buildkit_llb::{Constrain, Position, Range, SourceMap};
use stagefile_language::source::{LANGUAGE, Sources, Span};

/// The most lines of a step that are shown when it fails.
const MOST_LINES: usize = 40;

/// The files, and what the daemon knows them as.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    sources: &'a Sources,
    maps: Vec<SourceMap>,
}

impl<'a> Places<'a> {
    /// Takes the files; `main` is the user's own, as the daemon shows it.
    pub fn new(sources: &'a Sources, main: SourceMap) -> Self {
        let imported = sources.files().iter().skip(1);
        let imported =
            imported.map(|file| SourceMap::new(file.name(), LANGUAGE, file.text().to_owned()));
        Self {
            sources,
            maps: std::iter::once(main).chain(imported).collect(),
        }
    }

    /// Ties an operation to places in the files: the daemon shows them when it fails, debuggers stop at them, and
    /// provenance lists them.
    pub fn locate<T: Constrain>(&self, operation: T, spans: impl IntoIterator<Item = Span>) -> T {
        spans.into_iter().fold(operation, |operation, span| {
            let map = &self.maps[self.sources.index(span)];
            operation.located(map, [lines(self.sources, span)])
        })
    }
}

/// Returns the lines of a place, whole: a breakpoint is on a line and has no column, which debuggers take for column 0.
fn lines(sources: &Sources, span: Span) -> Range {
    let mut range = range(sources, first_lines(sources, span));
    range.start.character = 0;
    range
}

/// Returns as much of a place as clients show well when it fails: they print every line of it.
fn first_lines(sources: &Sources, span: Span) -> Span {
    let text = sources.file(span).slice(span);
    match text.match_indices('\n').nth(MOST_LINES - 1) {
        Some((end, _)) => Span::new(span.start, span.start + end),
        None => span,
    }
}

/// Returns a place as BuildKit knows places, white space at its end left out.
pub fn range(sources: &Sources, span: Span) -> Range {
    let source = sources.file(span);
    let end = span.start + source.slice(span).trim_end().len();
    let position = |offset| {
        let position = source.position(offset);
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Position {
            line: number(position.line),
            character: number(position.column),
        }
    };
    Range::new(position(span.start), position(end))
}

#[cfg(test)]
mod tests {
    use stagefile_language::source::Source;

    use super::*;

    #[test]
    fn of_a_long_step_the_beginning_is_shown() {
        let text = "x: 1\n".repeat(100);
        let sources = Sources::new(Source::new("Stagefile", text.as_str()));
        let lines = |start, end| {
            let range = lines(&sources, Span::new(start, end));
            (range.start.line, range.end.line)
        };
        assert_eq!(lines(0, text.len()), (1, 40));
        assert_eq!(lines(5, 5 * 30), (2, 30));
        assert_eq!(lines(5, 5 * 41), (2, 41));
        assert_eq!(lines(5, 5 * 60), (2, 41));
    }
}
