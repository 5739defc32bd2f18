//! The commands of a script: their words, and how they are joined.

use std::ops::Range;

use super::{Quotes, Reader};

/// How a command is joined to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `|` or `|&`: its output is the input of the next one.
    Pipe,
    /// `||`: the next one runs if it fails.
    Or,
    /// `&&`: the next one runs if it succeeds.
    And,
    /// The end of the line, `;`, `&`, a parenthesis, or the end of the script.
    End,
}

/// A word of a script, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word, with its quotes.
    pub text: &'a str,
    /// The byte range in the script.
    pub range: Range<usize>,
}

/// A command: its words starting with the program, without anything before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The program and its arguments; never empty.
    pub words: Vec<Word<'a>>,
    /// How it is joined to the next.
    pub joint: Joint,
}

/// Words that may precede a program.
const BEFORE: [&str; 13] = [
    "sudo", "env", "exec", "then", "do", "else", "if", "elif", "while", "until", "!", "{", "time",
];

impl<'a> Call<'a> {
    /// Returns the program without its directory.
    pub fn program(&self) -> &'a str {
        let text = self.words.first().map_or("", |word| word.text);
        text.rsplit('/').next().unwrap_or_default()
    }

    /// Iterates over the arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &'a str> + Clone + '_ {
        self.words.iter().skip(1).map(|word| word.text)
    }

    /// Reports whether a word is among the arguments.
    pub fn has(&self, word: &str) -> bool {
        self.arguments().any(|one| one == word)
    }

    /// Returns the first argument that isn't an option: the subcommand of a program.
    pub fn verb(&self) -> &'a str {
        let mut verbs = self.arguments().filter(|word| !word.starts_with('-'));
        verbs.next().unwrap_or_default()
    }

    /// Returns the byte range of the command.
    pub fn range(&self) -> Range<usize> {
        let first = self.words.first().map_or(0, |word| word.range.start);
        let last = self.words.last().map_or(0, |word| word.range.end);
        first..last
    }
}

/// Splits a script into its commands, including those inside `(…)`, `$(…)` and `if`.
pub fn commands(script: &str) -> Vec<Call<'_>> {
    let bytes = script.as_bytes();
    let mut plain = vec![Quotes::None; bytes.len()];
    Reader::new(script).run(&mut |at, quotes| plain[at] = quotes);
    let mut splitter = Splitter {
        script,
        calls: Vec::new(),
        words: Vec::new(),
        start: None,
    };
    let mut at = 0;
    while at < bytes.len() {
        if plain[at] != Quotes::None {
            // A comment isn't part of a word; quoted text is.
            match plain[at] {
                Quotes::Ignored => splitter.end_word(at),
                _ => splitter.begin_word(at),
            }
            at += 1;
            continue;
        }
        let rest = &bytes[at..];
        match rest {
            [b'\\', b'\n', ..] => {
                splitter.end_word(at);
                at += 2;
                continue;
            }
            [b'\\', ..] => {
                splitter.begin_word(at);
                at += 2;
                continue;
            }
            [b' ' | b'\t' | b'\r', ..] => splitter.end_word(at),
            [b'|', b'|', ..] => {
                splitter.end(at, Joint::Or);
                at += 1;
            }
            [b'&', b'&', ..] => {
                splitter.end(at, Joint::And);
                at += 1;
            }
            // `>|` writes a file.
            [b'|', ..] if at > 0 && bytes[at - 1] == b'>' => splitter.begin_word(at),
            [b'|', ..] => splitter.end(at, Joint::Pipe),
            // `2>&1`, `&>file`
            [b'&', ..] if at > 0 && matches!(bytes[at - 1], b'>' | b'<') => splitter.begin_word(at),
            [b'&', b'>', ..] => splitter.begin_word(at),
            [b'\n' | b';' | b'&' | b'(' | b')' | b'`', ..] => splitter.end(at, Joint::End),
            _ => splitter.begin_word(at),
        }
        at += 1;
    }
    splitter.end(bytes.len(), Joint::End);
    splitter.calls
}

struct Splitter<'a> {
    script: &'a str,
    calls: Vec<Call<'a>>,
    words: Vec<Word<'a>>,
    /// The start of the current word.
    start: Option<usize>,
}

impl Splitter<'_> {
    fn begin_word(&mut self, at: usize) {
        self.start.get_or_insert(at);
    }

    fn end_word(&mut self, at: usize) {
        let Some(start) = self.start.take() else {
            return;
        };
        let Some(text) = self.script.get(start..at) else {
            return;
        };
        let is_before = BEFORE.contains(&text)
            || text
                .split_once('=')
                .map(|(name, _)| name.strip_suffix('+').unwrap_or(name))
                .is_some_and(|name| super::name_of(name) == name && !name.is_empty());
        let word = Word {
            text,
            range: start..at,
        };
        // `NAME=(…)` is a complete command.
        let begins_list = is_before && text.ends_with('=') && self.script[at..].starts_with('(');
        if begins_list || !(self.words.is_empty() && is_before) {
            self.words.push(word);
        }
    }

    fn end(&mut self, at: usize, joint: Joint) {
        self.end_word(at);
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.calls.push(Call { words, joint });
        } else if joint == Joint::Pipe
            && let Some(last) = self.calls.last_mut()
        {
            // `(…) | tee file`
            last.joint = Joint::Pipe;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_split_into_commands() {
        let shown = |script: &str| -> Vec<String> {
            let calls = commands(script).into_iter();
            calls
                .map(|call| {
                    let words: Vec<&str> = call.words.iter().map(|word| word.text).collect();
                    let joint = match call.joint {
                        Joint::Pipe => "|",
                        Joint::Or => "||",
                        Joint::And => "&&",
                        Joint::End => ";",
                    };
                    format!("{} {joint}", words.join(" "))
                })
                .collect()
        };
        for (script, expected) in [
            ("a b && c || d | e", vec!["a b &&", "c ||", "d |", "e ;"]),
            ("A=1 B='x y' sudo make all", vec!["make all ;"]),
            ("if a; then b; fi", vec!["a ;", "b ;", "fi ;"]),
            ("a \\\n  b # c d\ne", vec!["a b ;", "e ;"]),
            (
                "echo 'a; b' \"c && d\" e\\;f",
                vec!["echo 'a; b' \"c && d\" e\\;f ;"],
            ),
            (
                "cat <<EOF | tee f\na; b\nEOF\nc",
                vec!["cat <<EOF |", "tee f ;", "a; b\nEOF ;", "c ;"],
            ),
            ("a 2>&1 &>f | b & c", vec!["a 2>&1 &>f |", "b ;", "c ;"]),
            ("a=(b c); d+=(e)", vec!["a= ;", "b c ;", "d+= ;", "e ;"]),
            ("(a; b) | c", vec!["a ;", "b |", "c ;"]),
            ("echo $(a b) `c`", vec!["echo $ ;", "a b ;", "c ;"]),
            ("", vec![]),
            ("\\", vec!["\\ ;"]),
            ("é \\é | ß", vec!["é \\é |", "ß ;"]),
        ] {
            let found = shown(script);
            assert_eq!(found, expected, "{script}");
        }
        let calls = commands("x; /usr/bin/apt-get -y install curl");
        assert_eq!(calls[1].program(), "apt-get");
        assert_eq!(calls[1].verb(), "install");
        assert!(calls[1].has("-y"));
        assert_eq!(calls[1].range(), 3..34 + 1);
    }
}
