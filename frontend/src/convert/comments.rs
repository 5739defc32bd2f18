//! The comments of a Dockerfile, by the instruction that they belong to.

use std::collections::BTreeMap;

use buildkit_dockerfile::{Dockerfile, Lines};

/// Comments, without comment signs.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Comments at the top of the file, separate from the first instruction.
    pub header: Vec<String>,
    /// Comments after the last instruction.
    pub footer: Vec<String>,
    /// Comments above an instruction, by its first line.
    above: BTreeMap<u32, Vec<String>>,
}

impl Comments {
    /// Collects the comments between instructions. Comments inside an instruction are handled elsewhere.
    pub(super) fn read(text: &str, file: &Dockerfile) -> Self {
        let stages = file.stages().iter();
        let of_stages = stages.flat_map(|stage| {
            let own = stage
                .instructions
                .iter()
                .map(|instruction| instruction.lines);
            std::iter::once(stage.lines).chain(own)
        });
        let globals = file
            .global_args()
            .iter()
            .map(|instruction| instruction.lines);
        let mut places: Vec<Lines> = globals.chain(of_stages).collect();
        places.sort();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let mut comments = Self::default();
        // Lines are counted from 1.
        let mut next = 1 + directives(&lines);
        for place in places {
            let between = comments_of(&lines, next, place.first);
            // A comment separated from the first instruction by an empty line is about the file.
            if comments.above.is_empty() && comments.header.is_empty() {
                let (header, above) = parted(between);
                comments.header = header;
                comments.above.insert(place.first, above);
            } else {
                comments.above.insert(place.first, joined(between));
            }
            next = place.last + 1;
        }
        let end = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        comments.footer = joined(comments_of(&lines, next, end.saturating_add(1)));
        comments
    }

    /// Removes and returns the comments above an instruction.
    pub(super) fn take(&mut self, place: Lines) -> Vec<String> {
        self.above.remove(&place.first).unwrap_or_default()
    }
}

/// Counts the directives at the beginning of a file.
fn directives(lines: &[&str]) -> u32 {
    let are_directives = lines.iter().take_while(|line| is_directive(line));
    u32::try_from(are_directives.count()).unwrap_or(0)
}

/// Reports whether a comment is meant for a program: directives of a Dockerfile are meaningless in a
/// Stagefile.
fn is_directive(line: &str) -> bool {
    let Some(text) = line.trim_start().strip_prefix('#') else {
        return false;
    };
    let Some((name, value)) = text.split_once('=') else {
        return false;
    };
    let name = name.trim().to_ascii_lowercase();
    let words = value.split_whitespace().count();
    words > 0 && ["syntax", "escape", "check"].contains(&name.as_str()) && words <= 2
}

/// Returns the comments in a range of lines, with each empty line as `None`.
fn comments_of<'a>(lines: &[&'a str], first: u32, end: u32) -> Vec<Option<&'a str>> {
    let (first, end) = (first as usize, end as usize);
    let range = lines.get(first.saturating_sub(1)..end.saturating_sub(1).min(lines.len()));
    let range = range.unwrap_or_default().iter();
    let range = range.filter(|line| !is_directive(line));
    range
        .map(|line| line.trim_start().strip_prefix('#'))
        .collect()
}

/// Splits comments about the file from those about the first instruction.
fn parted(lines: Vec<Option<&str>>) -> (Vec<String>, Vec<String>) {
    let end = lines
        .iter()
        .rposition(std::option::Option::is_none)
        .map_or(0, |at| at + 1);
    let mut lines = lines;
    let above = lines.split_off(end);
    (joined(lines), joined(above))
}

/// Joins comments; an empty line between two becomes an empty comment.
fn joined(lines: Vec<Option<&str>>) -> Vec<String> {
    let mut comments: Vec<String> = Vec::new();
    let mut gap = false;
    for line in lines {
        match line {
            None => gap = !comments.is_empty(),
            Some(text) => {
                if gap {
                    comments.push(String::new());
                    gap = false;
                }
                comments.push(text.trim_end().to_owned());
            }
        }
    }
    while comments.last().is_some_and(|last| last.trim().is_empty()) {
        comments.pop();
    }
    comments
}
