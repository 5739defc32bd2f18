//! Source locations of operations, for the daemon and its clients.

use buildkit_llb::{Constrain, Position, Range, SourceMap};
use stagefile_language::program::STD;
use stagefile_language::source::{LANGUAGE, Sources, Span};

/// The maximum number of lines of a step that are shown when it fails.
const MAX_LINES: usize = 40;
/// The maximum number of lines of a template's step, since the use of the template is shown, too.
const MAX_TEMPLATE_LINES: usize = 6;

/// The source files, and their source maps.
#[derive(Clone, Debug)]
pub struct SourceMaps<'a> {
    sources: &'a Sources,
    maps: Vec<SourceMap>,
}

impl<'a> SourceMaps<'a> {
    /// Creates locations for files; `main` is the user's own, as the daemon shows it.
    pub fn new(sources: &'a Sources, main: SourceMap) -> Self {
        let imported = sources.files().iter().skip(1);
        let imported =
            imported.map(|file| SourceMap::new(file.name(), LANGUAGE, file.text().to_owned()));
        Self {
            sources,
            maps: std::iter::once(main).chain(imported).collect(),
        }
    }

    /// Sets the locations of an operation: the daemon shows them when it fails, debuggers stop at them, and provenance
    /// lists them. The uses of a template come before the location in the template.
    pub fn locate<T: Constrain>(&self, operation: T, spans: impl IntoIterator<Item = Span>) -> T {
        let spans: Vec<Span> = spans.into_iter().collect();
        let places = shown(self.sources, &spans).into_iter();
        places.fold(operation, |operation, (file, range)| {
            operation.located(&self.maps[file], [range])
        })
    }
}

/// Returns the locations of an operation that clients show, each with the index of its file.
fn shown(sources: &Sources, spans: &[Span]) -> Vec<(usize, Range)> {
    let most = match spans.len() {
        0 | 1 => MAX_LINES,
        _ => MAX_TEMPLATE_LINES,
    };
    let is_of_user = |span: &Span| sources.file(*span).name() != STD;
    // Users can't change the standard library, so only its use matters.
    let is_used = spans.iter().any(is_of_user);
    let shown = spans.iter().filter(|span| !is_used || is_of_user(span));
    shown
        .map(|span| (sources.index(*span), lines(sources, *span, most)))
        .collect()
}

/// Returns the full lines of a location: a breakpoint is on a line without a column, which debuggers treat as column 0.
fn lines(sources: &Sources, span: Span, most: usize) -> Range {
    let mut range = range(sources, first_lines(sources, span, most));
    range.start.character = 0;
    range
}

/// Returns the part of a location that is shown when it fails: clients print all of its lines.
fn first_lines(sources: &Sources, span: Span, most: usize) -> Span {
    let text = sources.file(span).slice(span);
    match text.match_indices('\n').nth(most - 1) {
        Some((end, _)) => Span::new(span.start, span.start + end),
        None => span,
    }
}

/// Converts a location to BuildKit's form, without trailing white space.
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
    fn of_a_template_the_use_is_shown_and_few_of_its_lines() {
        let text = "x: 1\n".repeat(100);
        let mut sources = Sources::new(Source::new("Stagefile", text.as_str()));
        sources.add(Source::new("lib.yaml", text.as_str()));
        sources.add(Source::new(STD, text.as_str()));
        let whole = |file: usize| {
            let start = file * (text.len() + 1);
            Span::new(start, start + text.len())
        };
        let shown = |files: &[usize]| -> Vec<(usize, i32)> {
            let spans: Vec<Span> = files.iter().map(|file| whole(*file)).collect();
            let places = shown(&sources, &spans).into_iter();
            places.map(|(file, range)| (file, range.end.line)).collect()
        };
        assert_eq!(shown(&[0]), [(0, 40)]);
        assert_eq!(shown(&[0, 1]), [(0, 6), (1, 6)]);
        assert_eq!(shown(&[0, 2]), [(0, 6)]);
        assert_eq!(shown(&[2, 2]), [(2, 6), (2, 6)]);
    }

    #[test]
    fn of_a_long_step_the_beginning_is_shown() {
        let text = "x: 1\n".repeat(100);
        let sources = Sources::new(Source::new("Stagefile", text.as_str()));
        let lines = |start, end| {
            let range = lines(&sources, Span::new(start, end), MAX_LINES);
            (range.start.line, range.end.line)
        };
        assert_eq!(lines(0, text.len()), (1, 40));
        assert_eq!(lines(5, 5 * 30), (2, 30));
        assert_eq!(lines(5, 5 * 41), (2, 41));
        assert_eq!(lines(5, 5 * 60), (2, 41));
    }
}
