//! Ignore files such as `.dockerignore`, by Moby's rules (`patternmatcher/ignorefile`).
//!
//! This module parses the patterns. The client matches them when it sends a directory.

/// Parses the patterns of an ignore file, in order, and converts them to the form that a local
/// source uses.
///
/// - A byte order mark before the first line is skipped.
/// - Lines that begin with `#` are comments; with a space before it, the line is a pattern.
/// - White space around a pattern is removed, and empty lines are skipped.
/// - `!` before a pattern includes again what earlier patterns exclude.
/// - Paths are cleaned, and a leading slash is removed: all paths are relative to the directory
///   that is sent.
/// - Backslashes are kept: they escape the character after them.
/// - Invalid UTF-8 is replaced, so that no name matches it.
///
/// ```
/// use buildkit_gateway::ignore;
///
/// assert_eq!(ignore::read(b"# logs\n/log/../logs/\n!keep.log\n"), ["logs", "!keep.log"]);
/// ```
pub fn read(file: &[u8]) -> Vec<String> {
    lines(file).map(|line| line.pattern).collect()
}

/// An ignore file, with the line numbers of its patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreFile {
    /// The file's name as the user knows it; without a directory if it is at the root of the
    /// context.
    pub name: String,
    /// The lines with patterns.
    pub lines: Vec<Line>,
}

/// A line of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line number, from 1.
    pub number: usize,
    /// The pattern, as returned by [`read`].
    pub pattern: String,
}

impl IgnoreFile {
    /// Parses a file.
    pub fn read(name: impl Into<String>, file: &[u8]) -> Self {
        Self {
            name: name.into(),
            lines: lines(file).collect(),
        }
    }

    /// Iterates over the patterns.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.pattern.as_str())
    }
}

fn lines(file: &[u8]) -> std::vec::IntoIter<Line> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let text = String::from_utf8_lossy(file).into_owned();
    let lines: Vec<Line> = (1..)
        .zip(text.split('\n'))
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| Line {
            number,
            pattern: pattern(line),
        })
        .collect();
    lines.into_iter()
}

fn pattern(line: &str) -> String {
    match line.strip_prefix('!') {
        None => relative(line),
        Some(inverted) => format!("!{}", relative(inverted.trim_start())),
    }
}

/// Makes a path clean and relative; an empty path, which only an inverted pattern has, is kept.
fn relative(pattern: &str) -> String {
    if pattern.is_empty() {
        return String::new();
    }
    let clean = clean(pattern);
    match clean.strip_prefix('/') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => clean,
    }
}

/// Cleans a path, like Go's `path.Clean`.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if is_rooted => {}
            name => names.push(name),
        }
    }
    match (is_rooted, names.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_their_lines() {
        let file = IgnoreFile::read(".dockerignore", b"# built\n\ndist/\r\n!dist/keep\n");
        let lines: Vec<_> = file
            .lines
            .iter()
            .map(|line| (line.number, line.pattern.as_str()))
            .collect();
        assert_eq!(lines, [(3, "dist"), (4, "!dist/keep")]);
    }

    #[test]
    fn reads_what_moby_reads() {
        let cases: [(&str, &[&str]); 16] = [
            ("", &[]),
            ("\u{feff}a\n\u{feff}b", &["a", "\u{feff}b"]),
            ("#a\n #b\n!#c", &["#b", "!#c"]),
            ("  a b \t\r\nc\r\n\n \n", &["a b", "c"]),
            ("/a", &["a"]),
            ("//a", &["a"]),
            ("/", &["/"]),
            ("./a/", &["a"]),
            ("a/../b//c/.", &["b/c"]),
            ("../a", &["../a"]),
            ("/../a", &["a"]),
            ("a/..", &["."]),
            ("! a/", &["!a"]),
            ("!", &["!"]),
            ("!!a", &["!!a"]),
            ("**/*.go\n\\#x\na\\*", &["**/*.go", "\\#x", "a\\*"]),
        ];
        for (file, expected) in cases {
            assert_eq!(read(file.as_bytes()), expected, "{file:?}");
        }
    }

    #[test]
    fn bytes_of_another_encoding_do_no_harm() {
        assert_eq!(read(b"a\n\xff\xfe\nb"), ["a", "\u{fffd}\u{fffd}", "b"]);
    }
}
