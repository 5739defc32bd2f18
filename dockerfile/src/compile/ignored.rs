//! Paths that an ignore file excludes, by Moby's rules (`moby/patternmatcher`).

use regex_lite::Regex;

/// The patterns of an ignore file.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    patterns: Vec<(String, Regex)>,
    has_exceptions: bool,
}

impl Ignored {
    /// Parses patterns. An invalid pattern matches nothing.
    pub(super) fn new(patterns: &[String]) -> Self {
        let mut ignored = Self::default();
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(_) => ignored.has_exceptions = true,
                None => ignored
                    .patterns
                    .extend(compile(pattern).map(|regex| (pattern.clone(), regex))),
            }
        }
        ignored
    }

    /// Reports whether no path is known to be excluded.
    pub(super) fn is_empty(&self) -> bool {
        self.has_exceptions || self.patterns.is_empty()
    }

    /// Reports whether a path of the context, or a directory that contains it, is excluded. If there are exceptions, this
    /// is always false, since parts of an excluded directory may be included again.
    pub(super) fn excludes(&self, path: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        if matches!(path, "." | "/") {
            return self
                .patterns
                .iter()
                .any(|(pattern, _)| matches!(pattern.as_str(), "*" | "**" | "**/*"));
        }
        // Unlike a pattern, a path from the root of the context is used unchanged.
        let ends = path.match_indices('/').map(|(at, _)| at);
        ends.chain([path.len()]).any(|end| {
            self.patterns
                .iter()
                .any(|(_, regex)| regex.is_match(&path[..end]))
        })
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    let mut regex = String::from("^");
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => {
                // `**/` matches any number of directories, including none.
                if characters.next_if_eq(&'/').is_some() {
                    regex.push_str("(.*/)?");
                } else {
                    regex.push_str(".*");
                }
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '\\' => {
                if let Some(next) = characters.next() {
                    regex.push_str(&regex_lite::escape(&next.to_string()));
                }
            }
            '[' | ']' => regex.push(character),
            character => regex.push_str(&regex_lite::escape(&character.to_string())),
        }
    }
    regex.push('$');
    Regex::new(&regex).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_excluded_by_mobys_rules() {
        let excluded = |patterns: &[&str], path| {
            let patterns: Vec<String> = patterns.iter().map(|&text| text.to_owned()).collect();
            Ignored::new(&patterns).excludes(path)
        };
        for (patterns, path, expected) in [
            (&["*.md"][..], "README.md", true),
            (&["*.md"], "docs/README.md", false),
            (&["**/*.md"], "docs/README.md", true),
            (&["**/*.md"], "README.md", true),
            (&["docs"], "docs/README.md", true),
            (&["docs/*"], "docs", false),
            (&["a?c"], "abc", true),
            (&["[ab].txt"], "b.txt", true),
            (&["\\*"], "x", false),
            (&["*"], ".", true),
            (&["docs"], ".", false),
            (&["*", "!src"], "src", false),
            (&[], "x", false),
            (&["a"], "/a", false),
            (&["/a"], "/a", false),
            (&["a"], "/a/b", false),
            (&["*"], "/a", true),
            (&["**"], "/a", true),
            (&["**/a"], "/a", true),
        ] {
            assert_eq!(excluded(patterns, path), expected, "{patterns:?} {path}");
        }
    }
}
