//! The scripts of `RUN`: the commands of a chain, and whether a script has the same meaning in a shell that stops at
//! failures.

use std::mem;

/// Marks the end of a line that is continued.
pub(super) const BREAK: char = '\u{e000}';
/// Begins a comment inside an instruction, which ends at the next [`BREAK`].
pub(super) const COMMENT: char = '\u{e001}';

/// The length at which a line of a script is broken where its author broke it.
const WIDTH: usize = 100;

/// The maximum distance from a separator at which words are searched.
const LOOKED_AT: usize = 200;

/// A command of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// The comments above it, without comment signs.
    pub comments: Vec<String>,
    /// The text on one line.
    pub text: String,
    /// The same text, with the author's line ends.
    broken: String,
}

/// A script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Commands that run if the previous ones succeed, which a shell that stops at failures runs the same way.
    Chain(Vec<Command>),
    /// Any other script, as it is written.
    Lines {
        text: String,
        /// Whether it may continue after a command that fails.
        goes_on: bool,
    },
}

impl Script {
    /// Parses a line of a Dockerfile, with its marks.
    pub(super) fn read(marked: &str) -> Self {
        let read = Read::parse(marked);
        let stops = read.stops_itself();
        if read.is_chain && !read.is_sequence {
            return Self::Chain(read.commands);
        }
        let comments: usize = read
            .commands
            .iter()
            .map(|command| command.comments.len())
            .sum();
        let text = if comments == 0 && width(&read.plain) <= WIDTH && !read.plain.contains('\n') {
            read.plain
        } else {
            read.lines
        };
        Self::Lines {
            text,
            goes_on: read.is_sequence && !stops,
        }
    }

    /// Creates a script from the lines of a heredoc.
    pub(super) fn of_lines(text: &str) -> Self {
        let read = Read::parse(text.trim_end_matches('\n'));
        let goes_on = read.is_sequence && !read.stops_itself() && !text.starts_with("#!");
        Self::Lines {
            text: text.to_owned(),
            goes_on,
        }
    }

    /// Returns the text of the script.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Lines { text, .. } => text.clone(),
            Self::Chain(commands) => chain(commands),
        }
    }

    pub(super) fn goes_on(&self) -> bool {
        matches!(self, Self::Lines { goes_on: true, .. })
    }

    /// Returns the commands of a chain.
    pub(super) fn commands(&self) -> &[Command] {
        match self {
            Self::Chain(commands) => commands,
            Self::Lines { .. } => &[],
        }
    }
}

/// Writes a chain: on one line if it fits, else one line per command.
fn chain(commands: &[Command]) -> String {
    let plain: Vec<&str> = commands
        .iter()
        .map(|command| command.text.as_str())
        .collect();
    let plain = plain.join(" && ");
    let has_comments = commands.iter().any(|command| !command.comments.is_empty());
    if !has_comments && width(&plain) <= WIDTH && !plain.contains('\n') {
        return plain;
    }
    let mut text = String::new();
    for command in commands {
        for comment in &command.comments {
            text.push('#');
            text.push_str(comment);
            text.push('\n');
        }
        let long = width(&command.text) > WIDTH + 20;
        text.push_str(if long { &command.broken } else { &command.text });
        text.push('\n');
    }
    if text.matches('\n').count() == 1 {
        text.pop();
    }
    text
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The result of reading a script.
#[derive(Default)]
struct Read {
    commands: Vec<Command>,
    /// The whole text, without marks and comments.
    plain: String,
    /// The whole text, with its original lines.
    lines: String,
    /// Whether it consists of simple commands and pipelines joined by `&&`.
    is_chain: bool,
    /// Whether commands run in sequence regardless of failures.
    is_sequence: bool,
}

/// The context of a character in a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Single,
    Double,
    Parentheses,
    Backticks,
    Braces,
}

impl Read {
    fn parse(marked: &str) -> Self {
        let mut read = Self {
            is_chain: true,
            ..Self::default()
        };
        let mut command = Command::default();
        let mut inside: Vec<Inside> = Vec::new();
        let letters: Vec<char> = marked.chars().collect();
        let mut at = 0;
        while let Some(&letter) = letters.get(at) {
            let next = letters.get(at + 1).copied();
            let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
            let quoted = matches!(
                inside.last(),
                Some(Inside::Single | Inside::Double | Inside::Braces)
            );
            let is_top = inside.is_empty();
            at += 1;
            match letter {
                COMMENT => {
                    let mut comment = String::new();
                    while let Some(&letter) = letters.get(at) {
                        at += 1;
                        if letter == BREAK {
                            break;
                        }
                        comment.push(letter);
                    }
                    read.line_of_comment(&comment);
                    command.comments.push(comment);
                    continue;
                }
                BREAK => {
                    if is_top || matches!(inside.last(), Some(Inside::Parentheses)) {
                        command.end_line();
                        read.end_line();
                    }
                    continue;
                }
                '\\' if inside.last() != Some(&Inside::Single) => {
                    read.push(&mut command, letter, true);
                    if let Some(next) = next {
                        at += 1;
                        read.push(&mut command, next, true);
                    }
                    continue;
                }
                '\'' if inside.last() == Some(&Inside::Single) => _ = inside.pop(),
                _ if inside.last() == Some(&Inside::Single) => {}
                '\'' if !quoted => inside.push(Inside::Single),
                '"' if inside.last() == Some(&Inside::Double) => _ = inside.pop(),
                '"' => inside.push(Inside::Double),
                '`' if inside.last() == Some(&Inside::Backticks) => _ = inside.pop(),
                '`' => inside.push(Inside::Backticks),
                '$' if next == Some('(') => {
                    read.push(&mut command, letter, true);
                    at += 1;
                    inside.push(Inside::Parentheses);
                    read.push(&mut command, '(', true);
                    continue;
                }
                '$' if next == Some('{') => {
                    read.push(&mut command, letter, true);
                    at += 1;
                    inside.push(Inside::Braces);
                    read.push(&mut command, '{', true);
                    continue;
                }
                '}' if inside.last() == Some(&Inside::Braces) => _ = inside.pop(),
                ')' if inside.last() == Some(&Inside::Parentheses) => _ = inside.pop(),
                _ if quoted => {}
                '(' => {
                    read.is_chain = false;
                    inside.push(Inside::Parentheses);
                }
                ')' => read.is_chain = false,
                '#' if before.is_none_or(char::is_whitespace) => {
                    // A shell comment: nothing after it is a command.
                    read.is_chain = false;
                }
                '&' if next == Some('&') => {
                    at += 1;
                    if is_top {
                        read.push_plain("&&");
                        read.finish(&mut command);
                        continue;
                    }
                    read.push(&mut command, '&', true);
                    read.push(&mut command, '&', true);
                    continue;
                }
                '&' if next == Some('>') || matches!(before, Some('>' | '<')) => {}
                '&' => {
                    read.is_sequence = true;
                    read.is_chain = false;
                }
                ';' | '\n' => {
                    read.is_sequence |= separates(&letters[..at - 1], &letters[at..]);
                    read.is_chain = false;
                }
                '|' if next == Some('|') => {
                    read.is_chain = false;
                    at += 1;
                    read.push(&mut command, '|', true);
                    read.push(&mut command, '|', true);
                    continue;
                }
                '!' if is_top && command.text.trim().is_empty() => read.is_chain = false,
                '{' | '}'
                    if is_top
                        && before.is_none_or(char::is_whitespace)
                        && next.is_none_or(char::is_whitespace) =>
                {
                    read.is_chain = false;
                }
                _ => {}
            }
            let keep = !inside.is_empty() || quoted;
            read.push(&mut command, letter, keep);
        }
        if !inside.is_empty() {
            read.is_chain = false;
        }
        read.finish(&mut command);
        read.is_chain &= read.commands.iter().all(|command| !command.text.is_empty());
        read.plain = String::from(read.plain.trim());
        let trimmed = read.lines.trim_end().len();
        read.lines.truncate(trimmed);
        if read.lines.contains('\n') {
            read.lines.push('\n');
        }
        read
    }

    /// Adds a character; white space outside of quotes is collapsed.
    fn push(&mut self, command: &mut Command, letter: char, keep: bool) {
        let is_blank = matches!(letter, ' ' | '\t') && !keep;
        for text in [
            &mut self.plain,
            &mut self.lines,
            &mut command.text,
            &mut command.broken,
        ] {
            if is_blank {
                if !text.is_empty() && !text.ends_with([' ', '\n']) {
                    text.push(' ');
                }
            } else {
                text.push(letter);
            }
        }
    }

    fn push_plain(&mut self, text: &str) {
        self.plain.push_str(text);
        self.lines.push_str(text);
    }

    fn line_of_comment(&mut self, comment: &str) {
        // A continued line can't be followed by one.
        if self.lines.is_empty() || self.lines.ends_with('\n') && !self.lines.ends_with("\\\n") {
            self.lines.push('#');
            self.lines.push_str(comment);
            self.lines.push('\n');
        }
    }

    /// Ends a line where the author did, without a continuation sign if the shell needs none.
    fn end_line(&mut self) {
        let lines = self.lines.trim_end_matches(' ').len();
        self.lines.truncate(lines);
        if self.lines.is_empty() || self.lines.ends_with('\n') {
            return;
        }
        if self.lines.ends_with([';', '|'])
            || self.lines.ends_with("&&")
            || self.lines.ends_with('{')
        {
            self.lines.push('\n');
        } else {
            self.lines.push_str(" \\\n  ");
        }
        if !self.plain.ends_with(' ') {
            self.plain.push(' ');
        }
    }

    fn finish(&mut self, command: &mut Command) {
        let mut command = mem::take(command);
        command.text = String::from(command.text.trim());
        let broken = command.broken.trim_end_matches([' ', '\\', '\n']);
        command.broken = String::from(broken.trim_start());
        self.commands.push(command);
    }

    /// Reports whether the script begins with `set -e`.
    fn stops_itself(&self) -> bool {
        let start = self.plain.trim_start();
        let first = start.split(['\n', ';', '&']).next().unwrap_or_default();
        let mut words = first.split_whitespace();
        words.next() == Some("set")
            && words
                .any(|word| word.starts_with('-') && word.contains('e') && !word.starts_with("--"))
    }
}

/// Reports whether there are commands on both sides of a separator, so that the second runs even if the first fails.
fn separates(before: &[char], after: &[char]) -> bool {
    let is_blank = |letter: &char| letter.is_whitespace() || matches!(*letter, ';' | BREAK);
    // Nobody writes this much white space, and a script may have many separators.
    let before = &before[before.len().saturating_sub(LOOKED_AT)..];
    let after = &after[..after.len().min(LOOKED_AT)];
    let before: String = before
        .iter()
        .rev()
        .skip_while(|letter| is_blank(letter))
        .take_while(|letter| !is_blank(letter))
        .collect();
    let before: String = before.chars().rev().collect();
    let after: String = after
        .iter()
        .skip_while(|letter| is_blank(letter))
        .take_while(|letter| !is_blank(letter))
        .collect();
    // The keywords around a part of a compound command; a loop continues after a body that fails.
    let begins =
        ["", "then", "do", "else", "{", "(", "&&", "||", "|", "in"].contains(&before.as_str());
    let ends = ["", "then", "do", "else", "elif", "fi", "esac", "}", ")"].contains(&after.as_str())
        || after.starts_with(')');
    !begins && !ends
}

impl Command {
    fn end_line(&mut self) {
        let end = self.broken.trim_end_matches(' ').len();
        self.broken.truncate(end);
        if !self.broken.is_empty() && !self.broken.ends_with("\\\n  ") {
            self.broken.push_str(" \\\n  ");
        }
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    /// Splits the command into words, if it consists only of words.
    pub(super) fn words(&self) -> Option<Vec<&str>> {
        let special = |letter: char| "\\'\"`$&|;<>()*?[]{}!#~\n".contains(letter);
        if self.text.contains(special) {
            return None;
        }
        Some(self.text.split_whitespace().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Option<Vec<String>> {
        match Script::read(text) {
            Script::Chain(commands) => Some(commands.into_iter().map(|one| one.text).collect()),
            Script::Lines { .. } => None,
        }
    }

    #[test]
    fn chains_are_split_where_nothing_else_is_meant() {
        for (text, expected) in [
            ("a", &["a"][..]),
            ("a && b   -c && d", &["a", "b -c", "d"]),
            (
                "A='x && y' b && echo \"$(c && d)\"",
                &["A='x && y' b", "echo \"$(c && d)\""],
            ),
            ("a | b && c >&2 2>&1", &["a | b", "c >&2 2>&1"]),
            ("echo a\\ \\&& b", &["echo a\\ \\&& b"]),
        ] {
            if text.contains("\\&") {
                // The second `&` starts it in the background.
                assert_eq!(commands(text), None, "{text}");
            } else {
                assert_eq!(commands(text).unwrap(), expected, "{text}");
            }
        }
    }

    #[test]
    fn other_scripts_stay_as_they_are() {
        for (text, goes_on) in [
            ("a || b", false),
            ("a; b", true),
            ("a && b || c", false),
            ("a &", true),
            ("! a && b", false),
            ("(a && b) && c", false),
            ("(a; b) && c", true),
            ("set -e; a; b", false),
            ("set -eux; a", false),
            ("set -u; a", true),
            ("for i in a b; do c; done", true),
            ("if a; then b; fi", false),
            ("if a; then b; else c; fi", false),
            ("if a; then b; c; fi", true),
            ("if a; then b; fi; c", true),
            ("a;", false),
            ("echo 'a; b' || c", false),
            ("echo \"a; b\" || c", false),
            ("echo \"$(a; b)\" || c", true),
            ("{ a && b; } && c", false),
        ] {
            let script = Script::read(text);
            assert!(matches!(script, Script::Lines { .. }), "{text}");
            assert_eq!(script.goes_on(), goes_on, "{text}");
            assert_eq!(script.text(), text, "{text}");
        }
    }

    #[test]
    fn long_chains_have_a_line_for_each_command() {
        let long = "x".repeat(60);
        let script = Script::read(&format!("echo {long} && {BREAK}    echo {long}"));
        assert_eq!(script.text(), format!("echo {long}\necho {long}\n"));
        let script = Script::read(
            &format!("a \\&& {COMMENT} why{BREAK}  b && {BREAK} c").replace("\\&&", "&&"),
        );
        assert_eq!(script.text(), "a\n# why\nb\nc\n");
    }

    #[test]
    fn long_commands_are_broken_where_their_author_did() {
        let long = "x".repeat(70);
        let script = Script::read(&format!(
            "go build {BREAK}    -a {long} {BREAK}    -b {long}"
        ));
        assert_eq!(
            script.text(),
            format!("go build \\\n  -a {long} \\\n  -b {long}\n")
        );
    }
}
