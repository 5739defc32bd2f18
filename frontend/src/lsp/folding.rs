//! Folding ranges: the lines indented below a line, and the stages of a Dockerfile.

use lsp_types::{FoldingRange, FoldingRangeParams};

use super::workspace::Workspace;

/// Lists the folding ranges.
pub(super) fn fold(workspace: &Workspace, given: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let document = workspace.get(&given.text_document.uri)?;
    let text = &document.text;
    let range = |start: usize, end: usize| FoldingRange {
        start_line: u32::try_from(start).unwrap_or(u32::MAX),
        end_line: u32::try_from(end).unwrap_or(u32::MAX),
        ..FoldingRange::default()
    };
    let mut found = Vec::new();
    if document.is_dockerfile {
        let stages = document.sites().iter().filter(|site| site.is_definition);
        let lines =
            stages.map(|site| (text.line_of(site.whole.start), text.line_of(site.whole.end)));
        found.extend(
            lines
                .filter(|(start, end)| start < end)
                .map(|(start, end)| range(start, end)),
        );
        return Some(found);
    }
    // The lines that the following lines may be nested in, with their indentation.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut last = 0;
    let close = |open: &mut Vec<(usize, usize)>,
                 column: usize,
                 last: usize,
                 found: &mut Vec<FoldingRange>| {
        while let Some((start, _)) = open.pop_if(|(_, indented)| *indented >= column) {
            if last > start {
                found.push(range(start, last));
            }
        }
    };
    for number in 0..text.lines() {
        let line = text.line(number);
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let column = line.len() - content.len();
        close(&mut open, column, last, &mut found);
        open.push((number, column));
        last = number;
    }
    close(&mut open, 0, last, &mut found);
    found.sort_by_key(|range| (range.start_line, range.end_line));
    Some(found)
}
