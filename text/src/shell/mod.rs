//! An approximation of how a POSIX shell reads a script, for warnings: which variables it reads, which it sets itself, and which
//! quotes surround a position.
//!
//! It isn't a full parser. If in doubt, it reports that a variable is set, to avoid false warnings.

mod commands;
mod words;

pub use commands::{Call, Joint, Word, commands};

use std::collections::HashSet;

/// The programs that count as shells.
const SHELLS: [&str; 8] = ["sh", "ash", "bash", "busybox", "dash", "ksh", "mksh", "zsh"];

/// Reports whether a script is for such a shell: according to its first line if that names a program, else according to the
/// shell that runs it.
pub fn is_shell(script: &str, shell: Option<&[String]>) -> bool {
    let is_one = |program: &str| {
        let name = program.rsplit('/').next().unwrap_or_default();
        SHELLS.contains(&name)
    };
    match script.strip_prefix("#!") {
        Some(line) => {
            let line = line.lines().next().unwrap_or_default();
            line.split_whitespace().any(is_one)
        }
        None => shell.is_none_or(|words| words.first().is_some_and(|program| is_one(program))),
    }
}

/// The quotes around a position in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// None.
    None,
    /// `'…'`, in which only `'` is special.
    Single,
    /// `"…"`, in which variables and commands are expanded.
    Double,
    /// A comment, or the text of a quoted here-document, in which nothing is special.
    Ignored,
}

/// A parsed script.
#[derive(Debug, Default)]
pub struct Script {
    /// The variables that it reads and that have to be set: the name, and the byte offset of the `$`.
    pub reads: Vec<(String, usize)>,
    /// The variables that it sets.
    sets: HashSet<String>,
    /// Whether it runs text from elsewhere, which may set any variable.
    is_opaque: bool,
}

impl Script {
    /// Parses a script.
    pub fn read(script: &str) -> Self {
        let mut read = Self::default();
        let mut reader = Reader::new(script);
        reader.run(&mut |_, _| {});
        read.reads = reader.reads;
        read.is_opaque = words::collect(script, &mut read.sets);
        read.sets.extend(reader.sets);
        read
    }

    /// Reports whether the script may set a variable.
    pub fn may_set(&self, name: &str) -> bool {
        self.is_opaque || self.sets.contains(name)
    }
}

/// Returns the quotes around each byte offset in a script. The offsets must be sorted.
pub fn quotes_at(script: &str, places: &[usize]) -> Vec<Quotes> {
    let mut quotes = Vec::with_capacity(places.len());
    let mut places = places.iter().peekable();
    let mut reader = Reader::new(script);
    reader.run(&mut |at, around| {
        while places.next_if(|place| **place <= at).is_some() {
            quotes.push(around);
        }
    });
    quotes.resize(quotes.len() + places.count(), Quotes::None);
    quotes
}

/// Reports whether a script ends inside quotes.
pub fn is_unfinished(script: &str) -> bool {
    let mut reader = Reader::new(script);
    reader.run(&mut |_, _| {});
    reader.open_quote
}

/// A construct that the reader is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// `"…"`.
    Double,
    /// `$(…)` or `(…)`.
    Parentheses,
    /// `` `…` ``.
    Backquotes,
    /// `${NAME-…}`.
    Braces,
}

/// A here-document, which starts on the next line and ends at a delimiter line.
struct HereDocument {
    end: String,
    /// Whether tabs before the delimiter are ignored.
    tabs: bool,
    /// Whether nothing in it is expanded.
    is_quoted: bool,
}

struct Reader<'a> {
    script: &'a str,
    bytes: &'a [u8],
    at: usize,
    inside: Vec<Inside>,
    documents: Vec<HereDocument>,
    reads: Vec<(String, usize)>,
    sets: HashSet<String>,
    /// Whether a `'` or `"` isn't closed.
    open_quote: bool,
}

/// The maximum nesting depth of quotes and commands. Deeper nesting is ignored.
const DEEPEST: usize = 64;

impl<'a> Reader<'a> {
    fn new(script: &'a str) -> Self {
        Self {
            script,
            bytes: script.as_bytes(),
            at: 0,
            inside: Vec::new(),
            documents: Vec::new(),
            reads: Vec::new(),
            sets: HashSet::new(),
            open_quote: false,
        }
    }

    /// Reads the whole script, and calls `seen` for each byte with the quotes around it.
    fn run(&mut self, seen: &mut dyn FnMut(usize, Quotes)) {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let start = self.at;
            let double = self.inside.last() == Some(&Inside::Double);
            let mut quotes = if double { Quotes::Double } else { Quotes::None };
            match byte {
                b'\\' => self.at += 2,
                b'\'' if !double => {
                    quotes = Quotes::Single;
                    self.skip_quoted(start > 0 && self.bytes[start - 1] == b'$');
                }
                b'"' => {
                    self.toggle(Inside::Double);
                    self.at += 1;
                }
                b'`' => {
                    self.toggle(Inside::Backquotes);
                    self.at += 1;
                }
                b'$' => self.dollar(),
                b'(' if !double => {
                    self.enter(Inside::Parentheses);
                    self.at += 1;
                }
                b')' if !double => {
                    self.leave(Inside::Parentheses);
                    self.at += 1;
                }
                b'}' => {
                    self.leave(Inside::Braces);
                    self.at += 1;
                }
                b'#' if !double && self.begins_word() => {
                    quotes = Quotes::Ignored;
                    self.at = self.end_of_line();
                }
                b'<' if !double && self.bytes[start..].starts_with(b"<<") => self.document(),
                b'\n' => {
                    self.at += 1;
                    self.skip_documents(seen);
                    continue;
                }
                _ => self.at += 1,
            }
            self.at = self.at.min(self.bytes.len());
            (start..self.at).for_each(|at| seen(at, quotes));
        }
        self.open_quote |= self.inside.contains(&Inside::Double);
    }

    fn enter(&mut self, inside: Inside) {
        if self.inside.len() < DEEPEST {
            self.inside.push(inside);
        }
    }

    fn leave(&mut self, inside: Inside) {
        if self.inside.last() == Some(&inside) {
            self.inside.pop();
        }
    }

    fn toggle(&mut self, inside: Inside) {
        if self.inside.last() == Some(&inside) {
            self.inside.pop();
        } else {
            self.enter(inside);
        }
    }

    /// Skips `'…'`, in which a backslash is special only after `$`.
    fn skip_quoted(&mut self, escapes: bool) {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                None => {
                    self.open_quote = true;
                    return;
                }
                Some(b'\\') if escapes => self.at += 2,
                Some(b'\'') => {
                    self.at += 1;
                    return;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn begins_word(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        before.is_none_or(|byte| byte.is_ascii_whitespace() || b";&|(".contains(&byte))
    }

    fn end_of_line(&self) -> usize {
        let rest = &self.script[self.at..];
        self.at + rest.find('\n').unwrap_or(rest.len())
    }

    /// Parses what follows a `$`.
    fn dollar(&mut self) {
        let start = self.at;
        self.at += 1;
        match self.bytes.get(self.at) {
            Some(b'(') => {
                self.enter(Inside::Parentheses);
                self.at += 1;
            }
            Some(b'{') => self.braces(start),
            _ => {
                let name = self.name();
                if !name.is_empty() {
                    self.reads.push((name.to_owned(), start));
                }
            }
        }
    }

    /// Parses `${NAME…}` up to the replacement for the value.
    fn braces(&mut self, start: usize) {
        self.at += 1;
        // The length of the value, or an indirect variable.
        if matches!(self.bytes.get(self.at), Some(b'#' | b'!')) {
            self.at += 1;
        }
        let name = self.name();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (operator, length) = match rest {
            [b':', operator, ..] => (*operator, 2),
            [operator, ..] => (*operator, 1),
            [] => (b'}', 0),
        };
        match operator {
            // The variable may be unset.
            b'-' | b'+' | b'?' => {}
            b'=' => _ = self.sets.insert(name.to_owned()),
            _ if name.is_empty() => {}
            _ => self.reads.push((name.to_owned(), start)),
        }
        if operator == b'}' && length == 1 {
            self.at += 1;
            return;
        }
        self.at += length;
        self.enter(Inside::Braces);
    }

    /// Parses a name, which may be empty.
    fn name(&mut self) -> &'a str {
        let rest = &self.script[self.at.min(self.script.len())..];
        let name = name_of(rest);
        self.at += name.len();
        name
    }

    /// Parses `<<WORD`, whose text begins on the next line.
    fn document(&mut self) {
        self.at += 2;
        if self.bytes.get(self.at) == Some(&b'<') {
            self.at += 1;
            return;
        }
        let tabs = self.bytes.get(self.at) == Some(&b'-');
        self.at += usize::from(tabs);
        let rest = &self.script[self.at..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let rest = &rest[blanks..];
        let is_end = |letter: char| letter.is_whitespace() || ";&|<>()".contains(letter);
        let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        // `$((1 << 2))` isn't a here-document.
        if word.is_empty() || word.starts_with(|first: char| first.is_ascii_digit()) {
            return;
        }
        self.at += blanks + word.len();
        let is_quoted = word.contains(['\'', '"', '\\']);
        let end = word.replace(['\'', '"', '\\'], "");
        self.documents.push(HereDocument {
            end,
            tabs,
            is_quoted,
        });
    }

    /// Reads the here-documents that were opened on the line that has ended.
    fn skip_documents(&mut self, seen: &mut dyn FnMut(usize, Quotes)) {
        for document in std::mem::take(&mut self.documents) {
            while self.at < self.bytes.len() {
                let start = self.at;
                let end = self.end_of_line();
                let line = &self.script[start..end];
                self.at = (end + 1).min(self.bytes.len());
                let written = if document.tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if written == document.end {
                    break;
                }
                let quotes = if document.is_quoted {
                    Quotes::Ignored
                } else {
                    self.expand(start, end);
                    Quotes::Double
                };
                (start..self.at).for_each(|at| seen(at, quotes));
            }
        }
    }

    /// Reads the variables of a line in which quotes aren't special.
    fn expand(&mut self, start: usize, end: usize) {
        let mut inner = Reader::new(&self.script[start..end]);
        while let Some(byte) = inner.bytes.get(inner.at).copied() {
            match byte {
                b'\\' => inner.at += 2,
                b'$' => inner.dollar(),
                _ => inner.at += 1,
            }
        }
        let reads = inner.reads.into_iter();
        self.reads
            .extend(reads.map(|(name, at)| (name, start + at)));
        self.sets.extend(inner.sets);
    }
}

/// Returns the variable name that a string begins with; empty if there is none.
pub fn name_of(text: &str) -> &str {
    let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    if !text.as_bytes().first().is_some_and(is_first) {
        return "";
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    &text[..text.find(|letter| !is_part(letter)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(script: &str) -> Vec<String> {
        let script = Script::read(script);
        let unset = script
            .reads
            .iter()
            .filter(|(name, _)| !script.may_set(name));
        unset.map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn variables_that_have_to_be_set() {
        for (script, expected) in [
            ("echo $A ${B}", vec!["A", "B"]),
            ("echo \"$A\" '$B' \\$C \"\\$D\" $'$E'", vec!["A"]),
            ("echo ${A:-x} ${B-x} ${C:+x} ${D:?x} ${E:=x} $E", vec![]),
            (
                "echo ${A:-$B} ${C%$D} ${#E} ${F[0]}",
                vec!["B", "C", "D", "E", "F"],
            ),
            ("A=1; export B=2 C; echo $A $B $C", vec![]),
            (
                "for A in 1 2; do echo $A; done; read -r B C; echo $B $C",
                vec![],
            ),
            (
                "echo $(echo $A \"$(echo $B)\") `echo $C`",
                vec!["A", "B", "C"],
            ),
            ("echo x # $A", vec![]),
            ("echo x#$A", vec!["A"]),
            ("cat <<EOF\n$A '$B' \\$C\nEOF\necho $D", vec!["A", "B", "D"]),
            ("cat <<'EOF' > f\n$A\nEOF\necho $B", vec!["B"]),
            ("cat <<-\"EOF\"\n\t$A\n\tEOF\necho $B", vec!["B"]),
            ("cat <<< $A", vec!["A"]),
            (". ./env; echo $A", vec![]),
            ("cp x . ; echo $A", vec!["A"]),
            ("eval \"$(tool)\"; echo $A", vec![]),
            ("awk '{ print $A }' | sed \"s/x/$B/\"", vec!["B"]),
            ("echo $1 $@ $? $$ $((1 << 2)) $((A + $B))", vec!["B"]),
            (
                "while getopts ab: A; do :; done; printf -v B x; echo $A $B",
                vec![],
            ),
            ("local A; declare -x B=1; echo $A $B", vec![]),
            ("A=1 make $A; B+=x; echo $B", vec![]),
            ("echo \"it's $A\"; echo 'a \"b'; echo $B", vec!["A", "B"]),
            ("echo ${", vec![]),
            ("echo $", vec![]),
            ("echo é$Aé", vec!["A"]),
        ] {
            assert_eq!(reads(script), expected, "{script}");
        }
    }

    #[test]
    fn quotes_around_a_place() {
        for (script, expected) in [
            ("echo @", Quotes::None),
            ("echo \"@\"", Quotes::Double),
            ("echo '@'", Quotes::Single),
            ("echo \"it's @\"", Quotes::Double),
            ("echo \"$(echo @)\"", Quotes::None),
            ("echo \"${A:-@}\"", Quotes::None),
            ("echo # @", Quotes::Ignored),
            ("cat <<EOF\n@\nEOF", Quotes::Double),
            ("cat <<'EOF'\n@\nEOF", Quotes::Ignored),
            ("cat <<EOF\nx\nEOF\necho @", Quotes::None),
        ] {
            let place = script.find('@').unwrap_or_default();
            assert_eq!(quotes_at(script, &[place]), [expected], "{script}");
        }
        assert_eq!(quotes_at("a", &[0, 1, 9]), [Quotes::None; 3]);
    }

    #[test]
    fn quotes_without_an_end() {
        for (script, expected) in [
            ("echo \"a", true),
            ("echo 'a", true),
            ("echo \"a\"", false),
            ("echo it\\'s", false),
            ("echo $(\"a", true),
            ("# it's", false),
        ] {
            assert_eq!(is_unfinished(script), expected, "{script}");
        }
    }

    #[test]
    fn scripts_of_a_shell() {
        let words = |shell: &str| -> Vec<String> { shell.split(' ').map(str::to_owned).collect() };
        for (script, shell, expected) in [
            ("x", None, true),
            ("x", Some("/bin/bash -c"), true),
            ("x", Some("python3 -c"), false),
            ("#!/usr/bin/env python3\nx", None, false),
            ("#!/usr/bin/env bash\nx", Some("python3 -c"), true),
            ("#!/bin/sh -e\nx", None, true),
        ] {
            let shell = shell.map(words);
            assert_eq!(is_shell(script, shell.as_deref()), expected, "{script}");
        }
    }
}
