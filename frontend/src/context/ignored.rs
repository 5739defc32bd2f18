//! What an ignore file excludes, and which line excludes it.

use buildkit_gateway::ignore::IgnoreFile;
use stagefile_language::diagnostics::IgnoreLine;
use stagefile_text::pattern::{Pattern, may_match_below};

/// An ignore file, prepared for queries.
#[derive(Clone, Debug)]
pub struct Ignored<'a> {
    file: &'a IgnoreFile,
    patterns: Vec<(bool, &'a str, Pattern)>,
}

impl<'a> Ignored<'a> {
    /// Reads the patterns of a file.
    pub fn new(file: &'a IgnoreFile) -> Self {
        let patterns = file.lines.iter().map(|line| {
            let pattern = line.pattern.as_str();
            let (takes_back, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) => (true, pattern),
                None => (false, pattern),
            };
            (takes_back, pattern, Pattern::of_ignore_file(pattern))
        });
        Self {
            file,
            patterns: patterns.collect(),
        }
    }

    /// Returns the line that excludes a path and everything in it, if one does. Content that a later line re-includes
    /// is assumed to exist.
    pub fn excludes(&self, path: &str) -> Option<IgnoreLine<'a>> {
        let parts = path.match_indices('/').map(|(at, _)| &path[..at]);
        let directories: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut last = None;
        for (index, (takes_back, text, pattern)) in self.patterns.iter().enumerate() {
            if *takes_back != last.is_some() {
                continue;
            }
            if pattern.matches(path) || directories.iter().any(|part| pattern.matches(part)) {
                last = (!takes_back).then_some(index);
            } else if *takes_back && may_match_below(text, path) {
                return None;
            }
        }
        let line = &self.file.lines[last?];
        Some(IgnoreLine {
            file: &self.file.name,
            number: line.number,
            pattern: &line.pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_exclude() {
        let text = b"# built\n\ndist\n*.log\n!keep.log\nnode_modules/**\nlib\n!lib/a/b\n/secret/\n";
        let file = IgnoreFile::read(".dockerignore", text);
        let ignored = Ignored::new(&file);
        for (path, expected) in [
            ("dist", Some(3)),
            ("dist/app/x.js", Some(3)),
            ("a.log", Some(4)),
            ("keep.log", None),
            ("sub/a.log", None),
            ("node_modules", None),
            ("node_modules/a", Some(6)),
            // Some of its content is re-included.
            ("lib", None),
            ("lib/a", None),
            ("lib/a/b", None),
            ("lib/c", Some(7)),
            ("secret", Some(9)),
            ("src", None),
        ] {
            let line = ignored.excludes(path).map(|line| line.number);
            assert_eq!(line, expected, "{path}");
        }
    }
}
