//! Lines whose indentation matches nothing around them.

use std::ops::Range;

/// The maximum number of lines above that are searched.
const LINES: usize = 200;

/// What is wrong with the indentation of a line, and the line above with which it has to agree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    /// The first word of the line.
    pub(crate) word: Range<usize>,
    /// What to do.
    pub(crate) help: String,
    /// The line above, from its first word on, and a message about it.
    pub(crate) above: Option<(Range<usize>, String)>,
}

/// A column at which something begins that a line may belong to.
#[derive(Clone, Debug)]
struct Level<'a> {
    column: usize,
    is_item: bool,
    /// The key, or `-`.
    name: &'a str,
    /// The position.
    start: usize,
}

/// Checks the line of a byte; `None` if its indentation agrees with what is above.
pub(crate) fn misplaced(text: &str, offset: usize) -> Option<Misplaced> {
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next()?;
    let own = levels_of(line, line_start);
    let first = own.first()?;
    let levels = levels_above(&text[..line_start]);
    let same = levels.iter().find(|level| level.column == first.column);
    if same.is_some_and(|level| level.is_item == first.is_item) {
        return None;
    }
    let word = first.start..first.start + first.name.len();
    let above = |level: &Level<'_>| {
        let column = level.column + 1;
        let what = if level.is_item {
            format!("the items of this list begin in column {column}")
        } else {
            format!("`{}` begins in column {column}", level.name)
        };
        (level.start..level.start + level.name.len(), what)
    };
    if let Some(same) = same {
        let deeper = levels
            .iter()
            .rev()
            .find(|level| level.column > same.column && level.is_item == first.is_item)?;
        let place = if deeper.is_item {
            "to the list above".to_owned()
        } else {
            format!("beside `{}` above", deeper.name)
        };
        let by = spaces(deeper.column - first.column);
        let help = format!("to belong {place}, it has to be indented by {by} more");
        return Some(Misplaced {
            word,
            help,
            above: Some(above(deeper)),
        });
    }
    let fitting = || levels.iter().filter(|level| level.is_item == first.is_item);
    // Levels are listed from the deepest.
    let deeper = fitting().rfind(|level| level.column > first.column);
    let shallower = fitting().find(|level| level.column < first.column);
    let place = |level: &Level<'_>| {
        let column = spaces(level.column);
        if level.is_item {
            format!("{column}, as the item above")
        } else {
            format!("{column}, as `{}` above", level.name)
        }
    };
    let help = match (deeper, shallower) {
        (Some(one), Some(other)) => {
            format!("indent it by {}, or by {}", place(one), place(other))
        }
        (Some(one), None) | (None, Some(one)) => format!("indent it by {}", place(one)),
        (None, None) => return None,
    };
    let above = deeper.or(shallower).map(above);
    Some(Misplaced { word, help, above })
}

fn spaces(count: usize) -> String {
    match count {
        0 => "no spaces".to_owned(),
        1 => "1 space".to_owned(),
        count => format!("{count} spaces"),
    }
}

/// Returns the columns above at which something is open, from the deepest.
fn levels_above(text: &str) -> Vec<Level<'_>> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut end = text.len();
    for line in text.split_inclusive('\n').rev().take(LINES) {
        end -= line.len();
        let line = line.trim_end();
        let own = levels_of(line, end);
        let Some(first) = own.first() else {
            continue;
        };
        // The content of a block has no structure.
        if line.ends_with(['|', '>']) || line.ends_with("|-") || line.ends_with(">-") {
            let key = own.last().map_or(0, |level| level.column);
            levels.retain(|level| level.column <= key);
        }
        let column = levels.last().map_or(usize::MAX, |level| level.column);
        if first.column >= column && own.len() == 1 {
            continue;
        }
        for level in own.into_iter().rev() {
            if levels.last().is_none_or(|last| level.column < last.column) {
                levels.push(level);
            }
        }
        if levels.last().is_some_and(|level| level.column == 0) {
            break;
        }
    }
    levels
}

/// Returns what begins in a line: its dashes, and its key.
fn levels_of(line: &str, line_start: usize) -> Vec<Level<'_>> {
    let mut levels = Vec::new();
    let mut content = line.trim_start_matches(' ').trim_end();
    let column = |content: &str| content.as_ptr() as usize - line.as_ptr() as usize;
    while content == "-" || content.starts_with("- ") {
        let column = column(content);
        levels.push(Level {
            column,
            is_item: true,
            name: &content[..1],
            start: line_start + column,
        });
        content = content[1..].trim_start_matches(' ');
    }
    if content.is_empty() || content.starts_with('#') {
        return levels;
    }
    let key = content.split(": ").next().unwrap_or_default();
    let is_key = key.len() < content.len() || content.ends_with(':');
    if is_key {
        let column = column(content);
        levels.push(Level {
            column,
            is_item: false,
            name: key.trim_end_matches(':'),
            start: line_start + column,
        });
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::misplaced;

    #[test]
    fn a_line_is_told_where_it_belongs() {
        let steps = "stages:\n  app:\n    from: a\n    steps:\n      - run: make\n";
        for (line, expected) in [
            (
                "      bind: src",
                Some("to belong beside `run` above, it has to be indented by 2 spaces more"),
            ),
            (
                "    - run: x",
                Some("to belong to the list above, it has to be indented by 2 spaces more"),
            ),
            (
                "       bind: src",
                Some("indent it by 8 spaces, as `run` above, or by 4 spaces, as `steps` above"),
            ),
            (
                "          bind: src",
                Some("indent it by 8 spaces, as `run` above"),
            ),
            (
                "     - run: x",
                Some("indent it by 6 spaces, as the item above"),
            ),
            (
                "   image:",
                Some("indent it by 4 spaces, as `steps` above, or by 2 spaces, as `app` above"),
            ),
            ("        bind: src", None),
            ("      - run: x", None),
            ("  test:", None),
            ("", None),
        ] {
            let text = format!("{steps}{line}\n");
            let found = misplaced(&text, steps.len()).map(|found| found.help);
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn what_a_block_holds_is_no_structure() {
        let text = "a:\n  run: |\n      x: y\n    z: 1\n";
        let found = misplaced(text, text.find('z').unwrap()).map(|found| found.help);
        assert_eq!(
            found.as_deref(),
            Some("indent it by 2 spaces, as `run` above")
        );
    }
}
