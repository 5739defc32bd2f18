//! The text of `RUN` as its author wrote it: with its line ends, and with the comments between lines.

use buildkit_dockerfile::{CommandLine, Heredoc, Instruction, InstructionKind, Text};

use super::script::{BREAK, COMMENT, Script};

/// Returns the lines of a file; none if the file contains the characters used as marks here.
pub(super) fn lines(text: &str) -> Vec<&str> {
    if text.contains([BREAK, COMMENT]) {
        return Vec::new();
    }
    text.trim_start_matches('\u{feff}').lines().collect()
}

/// Returns the command line with marks for line ends and comments; `None` if it can't be found in the file's lines.
pub(super) fn marked(lines: &[&str], escape: char, instruction: &Instruction) -> Option<String> {
    let InstructionKind::Run(run) = &instruction.kind else {
        return None;
    };
    let [line] = run.command.words.as_slice() else {
        return None;
    };
    let first = usize::try_from(instruction.lines.first)
        .ok()?
        .checked_sub(1)?;
    let mut marked = String::new();
    for (index, &raw) in lines.get(first..)?.iter().enumerate() {
        let raw = if index == 0 { raw.trim_start() } else { raw };
        if let Some(comment) = raw.trim_start().strip_prefix('#') {
            marked.push(COMMENT);
            marked.push_str(comment.trim_end());
            marked.push(BREAK);
            continue;
        }
        if raw.trim().is_empty() {
            continue;
        }
        let trimmed = raw.trim_end_matches([' ', '\t']);
        match trimmed.strip_suffix(escape) {
            Some(before) if !before.ends_with(escape) => {
                marked.push_str(before);
                marked.push(BREAK);
            }
            _ => {
                marked.push_str(raw);
                break;
            }
        }
    }
    cut(&marked, line)
}

/// Returns the end of a line, with its marks removed. Comments before it are kept.
fn cut(marked: &str, line: &str) -> Option<String> {
    let mut rest = line.chars().rev().peekable();
    let mut start = None;
    let letters: Vec<(usize, char)> = marked
        .trim_end_matches([' ', '\t', '\r'])
        .char_indices()
        .collect();
    let mut at = letters.len();
    while rest.peek().is_some() {
        at = at.checked_sub(1)?;
        let (place, letter) = letters[at];
        if letter == BREAK {
            // It may end a comment, which is ignored.
            let line_start = letters[..at]
                .iter()
                .rposition(|(_, letter)| *letter == BREAK)
                .map_or(0, |at| at + 1);
            let comment = letters[line_start..at]
                .iter()
                .position(|(_, letter)| *letter == COMMENT);
            if let Some(comment) = comment {
                at = line_start + comment;
            }
            continue;
        }
        if rest.next() != Some(letter) {
            return None;
        }
        start = Some(place);
    }
    let start = start?;
    // The text between the flags and the line.
    let mut comments = String::new();
    for part in marked[..start].split(BREAK) {
        if let Some((_, comment)) = part.split_once(COMMENT) {
            comments.push(COMMENT);
            comments.push_str(comment);
            comments.push(BREAK);
        }
    }
    Some(comments + &marked[start..])
}

/// Returns the script of a command line, with its heredocs.
pub(super) fn script(command: &CommandLine, marked: Option<&str>) -> Script {
    let line = command.words.first();
    let line = line.map(Text::as_str).unwrap_or_default();
    let Some(first) = command.heredocs.first() else {
        return Script::read(marked.unwrap_or(line));
    };
    if Heredoc::is_whole(line) {
        return Script::of_lines(&first.text());
    }
    let mut text = line.to_owned();
    for heredoc in &command.heredocs {
        text.push('\n');
        text.push_str(&heredoc.content);
        text.push_str(&heredoc.name);
    }
    text.push('\n');
    // The lines of a heredoc aren't commands.
    let goes_on = Script::read(line).goes_on();
    Script::Lines { text, goes_on }
}

#[cfg(test)]
mod tests {
    use buildkit_dockerfile::{Dockerfile, LintConfig};

    use super::*;

    fn read(text: &str) -> Option<String> {
        let file = Dockerfile::parse(text, &LintConfig::default());
        let marked = marked(
            &lines(text),
            file.escape(),
            &file.stages()[0].instructions[0],
        )?;
        Some(marked.replace(BREAK, "¶").replace(COMMENT, "§"))
    }

    #[test]
    fn lines_and_comments_are_marked() {
        for (text, expected) in [
            ("FROM a\nRUN a", "a"),
            (
                "FROM a\nRUN --mount=type=cache,target=/a \\\n  a && \\\n  # why\n  b \\\n\n  c",
                "a && ¶§ why¶  b ¶  c",
            ),
            ("FROM a\nRUN --network=none \\\n  # why\n  a", "§ why¶a"),
            ("# escape=`\nFROM a\nRUN a `\n  b", "a ¶  b"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }
}
