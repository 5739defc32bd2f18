//! Parsing of text into instructions (`frontend/dockerfile/parser`).
//!
//! [`parse`] handles continuation lines, comments and heredocs, and splits each instruction into keyword, flags and
//! arguments. [`crate::instruction`] parses the arguments.

mod directive;
mod heredoc;
mod line;
mod node;
mod words;

pub(crate) use directive::pair as directive_pair;
pub use heredoc::Heredoc;
pub(crate) use heredoc::{chomp, heredoc_word};
pub(crate) use line::{continuation, is_comment, without_end};
pub(crate) use node::Node;
pub(crate) use words::{quoted, split_blank};

use crate::lines::Lines;
use crate::mistake::Mistake;
use crate::text::Text;
use directive::Directives;
use line::Source;

/// The result of parsing a file, except for its instructions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    /// The escape character.
    pub escape: char,
    /// The lines at which an empty line continues an instruction.
    pub empty_continuations: Vec<Lines>,
    /// The mistakes, in the order of the file. Parsing continues after a mistake.
    pub mistakes: Vec<Mistake>,
}

/// Parses a file. Passes on each instruction that can be parsed before reading the next.
pub(crate) fn parse(text: &str, each: &mut dyn FnMut(Node)) -> Parsed {
    let whole = Text::from(text);
    let mut parsed = Parsed::default();
    let mut is_empty = true;
    let mut directives = Directives::new();
    let mut source = Source::new(&whole);
    let mut comments: Vec<String> = Vec::new();
    while let Some(raw) = source.next() {
        let trimmed = line::without_end(raw).trim_start();
        let is_comment = trimmed.starts_with('#');
        if is_comment {
            // The first character is treated as the comment sign, whatever it is.
            let mut text = raw.chars();
            text.next();
            match text.as_str().trim() {
                "" => comments.clear(),
                comment => comments.push(comment.to_owned()),
            }
        }
        match directives.read(trimmed) {
            Ok(true) => _ = comments.pop(),
            Ok(false) => {}
            Err(message) => {
                let mistake = Mistake::new(message).at(Lines::one(source.line() - 1));
                parsed.mistakes.push(mistake);
            }
        }
        let first_line = source.line();
        let content = if is_comment { "" } else { trimmed };
        let (content, mut complete) = line::continuation(content, directives.escape);
        if complete && content.is_empty() {
            continue;
        }
        // Most instructions are a single line, and a piece of the file.
        let mut joined = String::new();
        if !complete {
            joined.push_str(content);
        }
        let mut has_empty_line = false;
        let goes_on = !complete;
        while !complete {
            let Some(raw) = source.next() else { break };
            let content = line::without_end(raw);
            if let Err(message) = directives.read(content) {
                let mistake = Mistake::new(message).at(Lines::one(source.line() - 1));
                parsed.mistakes.push(mistake);
            }
            if line::is_comment(raw) {
                continue;
            }
            if content.trim_start().is_empty() {
                has_empty_line = true;
                continue;
            }
            let (content, ends) = line::continuation(content, directives.escape);
            joined.push_str(content);
            complete = ends;
        }
        if has_empty_line {
            let line = Lines::one(source.line());
            parsed.empty_continuations.push(line);
        }
        let lines = Lines::new(first_line, source.line());
        let text = if goes_on {
            joined.into()
        } else {
            whole.part(content)
        };
        match Node::read(&text, directives.escape, std::mem::take(&mut comments)) {
            Err(message) => parsed.mistakes.push(Mistake::new(message).at(lines)),
            Ok(mut node) => {
                let last = match heredoc::read(&mut node, &text, &mut source) {
                    Ok(()) => source.line(),
                    Err(mistake) => {
                        let lines = Lines::new(first_line, source.line());
                        parsed.mistakes.push(mistake.at(lines));
                        source.line()
                    }
                };
                node.lines = Lines::new(first_line, last);
                is_empty = false;
                each(node);
            }
        }
    }
    if let Some(too_long) = source.too_long() {
        parsed.mistakes.push(too_long);
    } else if is_empty && parsed.mistakes.is_empty() {
        let place = Lines::one(source.line());
        parsed
            .mistakes
            .push(Mistake::new("file with no instructions").at(place));
    }
    parsed.escape = directives.escape;
    parsed
}
