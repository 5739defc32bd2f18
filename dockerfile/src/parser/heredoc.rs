//! Heredocs: text after an instruction, up to a delimiter line.

use super::line::{Source, without_end};
use super::node::Node;
use crate::lexer::{Lexer, NoVariables};
use crate::mistake::{Mistake, OpenHeredoc};

/// A heredoc: the lines after an instruction up to a delimiter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heredoc {
    /// The delimiter, which is also the name of the file that the heredoc stands for.
    pub name: String,
    /// Whether variables in it are expanded: if no part of the delimiter is quoted.
    pub expand: bool,
    /// Whether leading tabs of its lines are dropped (`<<-`).
    pub chomp: bool,
    /// The text, as written.
    pub content: String,
}

impl Heredoc {
    /// Returns the text, without leading tabs if they are dropped.
    pub fn text(&self) -> String {
        if self.chomp {
            chomp(&self.content)
        } else {
            self.content.clone()
        }
    }

    /// Reports whether a command line consists only of a heredoc, which is then the script.
    pub fn is_whole(line: &str) -> bool {
        heredoc_word(line).ok().flatten().is_some()
    }
}

/// Reads the heredocs of an instruction, if it can have any. The error has no location yet.
pub(super) fn read(node: &mut Node, line: &str, source: &mut Source<'_>) -> Result<(), Mistake> {
    // Searching for a single character is faster, and few lines contain it.
    if !line.contains('<') || !line.contains("<<") || !node.can_have_heredocs() {
        return Ok(());
    }
    let lexer = Lexer::new('\\')
        .with_raw_quotes()
        .with_raw_escapes()
        .keeping_unset();
    // A line that can't be split into words has no heredocs.
    let words = lexer.word(line, &NoVariables).unwrap_or_default().words;
    for word in words {
        let Some(mut heredoc) = heredoc_word(&word).map_err(Mistake::new)? else {
            continue;
        };
        let before = source.line();
        let terminated = loop {
            let Some(line) = source.next() else {
                break false;
            };
            let mut end = without_end(line);
            if heredoc.chomp {
                end = end.trim_start_matches('\t');
            }
            if end == heredoc.name {
                break true;
            }
            heredoc.content.push_str(line);
        };
        if !terminated {
            let mut mistake = Mistake::new("unterminated heredoc");
            // What follows a line that is too long is unknown.
            if source.too_long().is_none() {
                let nearly = (before + 1..)
                    .zip(heredoc.content.lines())
                    .find(|(_, line)| line.trim() == heredoc.name);
                mistake.open_heredoc = Some(Box::new(OpenHeredoc {
                    word,
                    name: heredoc.name,
                    chomp: heredoc.chomp,
                    nearly: nearly.map(|(number, _)| number),
                }));
            }
            return Err(mistake);
        }
        node.heredocs.push(heredoc);
    }
    Ok(())
}

/// Parses a word such as `<<EOF` or `3<<-"END"`; `None` if it isn't one.
pub(crate) fn heredoc_word(word: &str) -> Result<Option<Heredoc>, String> {
    let after_digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(rest) = after_digits.strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let lexer = Lexer::new('\\').keeping_unset();
    let words = |lexer: Lexer| {
        let word = lexer.word(rest, &NoVariables);
        word.map(|word| word.words)
            .map_err(|mistake| mistake.message)
    };
    let plain = words(lexer)?;
    let [name] = plain.as_slice() else {
        return Ok(None);
    };
    let raw = words(lexer.with_raw_quotes())?;
    let [raw] = raw.as_slice() else {
        return Err(format!(
            "internal lexing of heredoc produced inconsistent results: {rest}"
        ));
    };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Ok(Some(Heredoc {
        name: name.clone(),
        expand: quotes(name) == quotes(raw),
        chomp,
        content: String::new(),
    }))
}

/// Removes leading tabs from all lines.
pub(crate) fn chomp(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines.map(|line| line.trim_start_matches('\t')).collect()
}
