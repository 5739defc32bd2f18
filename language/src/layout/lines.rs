//! The lines of a file, each with its new indentation.

use std::ops::Range;

use super::{Block, Layout, STEP, Several, SeveralKind, flow};

/// A line of the file, without its line end.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with('#')
    }

    fn is_item(&self) -> bool {
        let text = self.text.trim_start();
        text == "-" || text.starts_with("- ")
    }
}

/// How a line is formatted.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It begins or continues a collection, or is a comment or blank.
    Own,
    /// It continues something from a previous line, and is moved with it.
    Moved(isize),
    /// It is this number of spaces, which are significant.
    Blanks(usize),
}

/// Formats the lines of a file.
pub(super) fn formatted(text: &str, layout: &Layout) -> String {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        lines.push(Line { start, text: line });
        start += line.len() + 1;
    }
    let columns: Vec<usize> = layout
        .blocks
        .iter()
        .map(|block| {
            let line = lines.partition_point(|line| line.start <= block.start) - 1;
            text[lines[line].start..block.start].chars().count()
        })
        .collect();
    let fates = fates(&lines, layout, &columns);
    let edits = edits(text, layout);
    let mut edits = edits.as_slice();

    // The indentation of each line; that of comments depends on the lines around them.
    let mut sweep = Sweep {
        layout,
        columns: &columns,
        next: 0,
        active: Vec::new(),
    };
    let mut indents = vec![0; lines.len()];
    let mut comments: Vec<(usize, Vec<usize>)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !matches!(fates[index], Fate::Own) || line.is_blank() {
            continue;
        }
        if line.is_comment() {
            // It may be about what has ended above it.
            comments.push((index, sweep.active.clone()));
            continue;
        }
        sweep.go_to(line);
        indents[index] = sweep.indent(line);
        for (comment, active) in comments.drain(..) {
            let next = Some((line.indent(), indents[index]));
            indents[comment] = sweep.comment(lines[comment].indent(), &active, next);
        }
    }
    for (comment, active) in comments {
        indents[comment] = sweep.comment(lines[comment].indent(), &active, None);
    }

    let mut formatted = String::with_capacity(text.len());
    let mut blank = false;
    for (index, line) in lines.iter().enumerate() {
        match fates[index] {
            Fate::Blanks(count) => {
                formatted.extend(std::iter::repeat_n(' ', count));
                formatted.push('\n');
            }
            Fate::Moved(by) => {
                let rest = &line.text[line.indent()..];
                if !rest.is_empty() {
                    let indent = line.indent().saturating_add_signed(by);
                    formatted.extend(std::iter::repeat_n(' ', indent));
                }
                formatted.push_str(rest);
                formatted.push('\n');
                blank = false;
            }
            Fate::Own if line.is_blank() => blank = !formatted.is_empty(),
            Fate::Own => {
                if std::mem::take(&mut blank) {
                    formatted.push('\n');
                }
                formatted.extend(std::iter::repeat_n(' ', indents[index]));
                formatted.push_str(words(line, &mut edits).trim());
                formatted.push('\n');
            }
        }
    }
    formatted
}

/// The collections that contain the current line.
struct Sweep<'a> {
    layout: &'a Layout,
    columns: &'a [usize],
    next: usize,
    active: Vec<usize>,
}

impl Sweep<'_> {
    fn block(&self, index: usize) -> &Block {
        &self.layout.blocks[index]
    }

    fn go_to(&mut self, line: &Line<'_>) {
        let blocks = &self.layout.blocks;
        self.active.retain(|index| blocks[*index].end > line.start);
        let end = line.start + line.text.len();
        while let Some(block) = blocks.get(self.next).filter(|block| block.start <= end) {
            if block.end > line.start {
                self.active.push(self.next);
            }
            self.next += 1;
        }
    }

    fn indent(&self, line: &Line<'_>) -> usize {
        let column = line.indent();
        let owner = self.active.iter().rev().find(|index| {
            self.columns[**index] == column && self.block(**index).is_list == line.is_item()
        });
        owner.map_or(column, |index| self.block(*index).depth * STEP)
    }

    /// Returns the indentation of a comment: that of the next line if the comment is above it, or else that of the
    /// collection that it ends.
    fn comment(&self, column: usize, active: &[usize], next: Option<(usize, usize)>) -> usize {
        if let Some((next, indent)) = next
            && next == column
        {
            return indent;
        }
        let around = active.iter().rev();
        let mut around = around.filter(|index| self.columns[**index] <= column);
        let Some(index) = around.next() else {
            return next.map_or(0, |(_, indent)| indent);
        };
        let indent = self.block(*index).depth * STEP;
        if self.columns[*index] < column {
            indent + STEP
        } else {
            indent
        }
    }
}

/// Returns for each line whether it continues something from before.
fn fates(lines: &[Line<'_>], layout: &Layout, columns: &[usize]) -> Vec<Fate> {
    let mut fates = vec![Fate::Own; lines.len()];
    let line_of = |at: usize| lines.partition_point(|line| line.start <= at) - 1;
    let mut next = 0;
    let mut active: Vec<usize> = Vec::new();
    let mut spans: Vec<&Several> = layout.spans.iter().collect();
    spans.sort_by_key(|several| several.start);
    for several in spans {
        let blocks = &layout.blocks;
        while blocks
            .get(next)
            .is_some_and(|block| block.start <= several.start)
        {
            active.push(next);
            next += 1;
        }
        active.retain(|index| blocks[*index].end > several.start);
        let Some(parent) = active.last() else {
            let range = line_of(several.start) + 1..line_of(several.end.saturating_sub(1)) + 1;
            for fate in fates.get_mut(range).into_iter().flatten() {
                *fate = Fate::Moved(0);
            }
            continue;
        };
        let new = blocks[*parent].depth * STEP;
        let by = new.cast_signed() - columns[*parent].cast_signed();
        if several.kind == SeveralKind::Block {
            block_scalar(lines, several, new, by, &mut fates, line_of);
            continue;
        }
        let range = line_of(several.start) + 1..line_of(several.end.saturating_sub(1)) + 1;
        for fate in fates.get_mut(range).into_iter().flatten() {
            *fate = Fate::Moved(by);
        }
    }
    fates
}

/// Determines the indentation of a block scalar's lines: two more than its parent, unless its header sets the number.
fn block_scalar(
    lines: &[Line<'_>],
    several: &Several,
    new: usize,
    by: isize,
    fates: &mut [Fate],
    line_of: impl Fn(usize) -> usize,
) {
    // The location is that of the first line that isn't blank.
    let before = &lines[..line_of(several.start)];
    let Some(header) = before.iter().rposition(|line| !line.is_blank()) else {
        return;
    };
    let Some(mark) = header_of(lines[header].text) else {
        return;
    };
    // The parser's end may be at the first word of what follows.
    let begins_inside = |line: &Line<'_>| line.start + line.indent() < several.end;
    let last = line_of(several.end.saturating_sub(1));
    let content: Range<usize> = header + 1..(last + 1).min(lines.len());
    let is_content = |index: &usize| !lines[*index].is_blank() && begins_inside(&lines[*index]);
    let first = content.clone().find(is_content);
    let Some(first) = first else {
        return;
    };
    let own = lines[first].indent();
    let has_digit = mark.contains(|letter: char| letter.is_ascii_digit());
    let by = if has_digit {
        by
    } else {
        (new + STEP).cast_signed() - own.cast_signed()
    };
    let end = content.clone().rev().find(is_content);
    let end = end.unwrap_or(first);
    for index in content {
        let line = &lines[index];
        fates[index] = if index <= end {
            // Spaces beyond the indentation are part of the string.
            let beyond = line.text.len().saturating_add_signed(by);
            match line.is_blank() {
                true if line.text.len() > own || has_digit => Fate::Blanks(beyond),
                true => Fate::Blanks(0),
                false => Fate::Moved(by),
            }
        } else if mark.contains('+') && line.is_blank() && index < lines.len() - 1 {
            Fate::Blanks(0)
        } else {
            Fate::Own
        };
    }
}

/// Returns the header of a block scalar at the end of a line.
fn header_of(line: &str) -> Option<&str> {
    let code = match line.find(" #") {
        Some(comment) => &line[..comment],
        None => line,
    };
    let mark = code.trim_end().rsplit([' ', '\t']).next()?;
    let rest = mark.strip_prefix(['|', '>'])?;
    let fits = rest.len() <= 2
        && rest
            .chars()
            .all(|letter| matches!(letter, '+' | '-' | '1'..='9'));
    fits.then_some(mark)
}

/// Returns other changes: the space after keys, and flow collections.
fn edits(text: &str, layout: &Layout) -> Vec<(Range<usize>, String)> {
    let mut edits = Vec::new();
    for (key, value) in &layout.keys {
        let line = text[..*key].rfind('\n').map_or(0, |end| end + 1);
        let written = &text[line..*key];
        // An unquoted expression, in which a colon isn't meant to end a key.
        let is_open = written.matches("${{").count() > written.matches("}}").count();
        if !is_open && text[*key..*value].trim() == ":" {
            edits.push((*key..*value, ": ".to_owned()));
        }
    }
    for (start, end) in &layout.flows {
        if let Some(formatted) = flow::formatted(&text[*start..*end]) {
            edits.push((*start..*end, formatted));
        }
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    edits
}

/// Writes the words of a line.
fn words(line: &Line<'_>, edits: &mut &[(Range<usize>, String)]) -> String {
    let end = line.start + line.text.len();
    let mut words = String::with_capacity(line.text.len());
    let mut at = line.start;
    // One space after each dash.
    let text = line.text.trim_start();
    at += line.text.len() - text.len();
    let mut rest = text;
    while let Some(item) = rest.strip_prefix("- ") {
        words.push_str("- ");
        let item_trimmed = item.trim_start_matches(' ');
        at += 2 + item.len() - item_trimmed.len();
        rest = item_trimmed;
    }
    while let Some((edit, left)) = edits.split_first() {
        let (range, new) = edit;
        if range.start > end {
            break;
        }
        *edits = left;
        if range.start < at {
            continue;
        }
        words.push_str(&line.text[at - line.start..range.start - line.start]);
        words.push_str(new);
        at = range.end;
    }
    words.push_str(line.text.get(at - line.start..).unwrap_or_default());
    words
}
