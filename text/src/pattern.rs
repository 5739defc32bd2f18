//! Path patterns, matched like in BuildKit and its clients.

/// A path pattern, in one of two notations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    tokens: Vec<Token>,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// The character itself.
    Letter(char),
    /// Any character of a name.
    One,
    /// Any characters of a name.
    Name,
    /// Any number of directories, each with the slash after it.
    Directories,
    /// Anything.
    All,
    /// A character that is in a set, or that isn't.
    Set {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    /// Parses a pattern of `copy` and `bind`: `*`, `?` and `[…]` match within a name, like Go's `path.Match`.
    pub fn of_copy(text: &str) -> Self {
        Self::read(text, false)
    }

    /// Parses a pattern of an ignore file, in which `**` also matches directories, by Moby's rules
    /// (`patternmatcher`).
    pub fn of_ignore_file(text: &str) -> Self {
        Self::read(text, true)
    }

    fn read(text: &str, deep: bool) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let mut tokens = Vec::with_capacity(letters.len());
        let mut at = 0;
        // If a set isn't closed, no later one is: each would be searched up to the end of the text.
        let mut sets_end = true;
        while let Some(&letter) = letters.get(at) {
            at += 1;
            let next = letters.get(at).copied();
            tokens.push(match letter {
                '*' if deep && next == Some('*') => {
                    at += 1;
                    let is_first = tokens.is_empty();
                    match letters.get(at) {
                        None => Token::All,
                        Some('/') => {
                            at += 1;
                            if at == letters.len() {
                                Token::All
                            } else {
                                Token::Directories
                            }
                        }
                        // At the beginning of an otherwise plain pattern, it matches any characters.
                        Some(_) if is_first && !has_wildcards(&letters[at..]) => Token::All,
                        Some(_) => Token::Directories,
                    }
                }
                '*' => Token::Name,
                '?' => Token::One,
                '\\' => {
                    at += usize::from(next.is_some());
                    Token::Letter(next.unwrap_or('\\'))
                }
                '[' => {
                    let set = sets_end.then(|| set(&letters[at..])).flatten();
                    sets_end = set.is_some();
                    let (set, length) = set.unwrap_or((Token::Letter('['), 0));
                    at += length;
                    set
                }
                letter => Token::Letter(letter),
            });
        }
        Self { tokens }
    }

    /// Reports whether a path matches. The time is limited by the product of both lengths.
    pub fn matches(&self, path: &str) -> bool {
        let letters: Vec<char> = path.chars().collect();
        // The positions in the path that can be reached with the tokens so far.
        let mut reached = vec![false; letters.len() + 1];
        reached[0] = true;
        for token in &self.tokens {
            let mut next = vec![false; letters.len() + 1];
            let mut any = false;
            let mut runs = false;
            for at in 0..=letters.len() {
                let before = at.checked_sub(1).map(|before| letters[before]);
                let one = |is: bool| is && at > 0 && reached[at - 1];
                next[at] = match token {
                    Token::Letter(letter) => one(before == Some(*letter)),
                    Token::One => one(before != Some('/')),
                    Token::Set { ranges, negated } => one(before.is_some_and(|letter| {
                        letter != '/'
                            && *negated
                                != ranges
                                    .iter()
                                    .any(|(first, last)| (first..=last).contains(&&letter))
                    })),
                    Token::Name => {
                        runs = reached[at] || runs && before != Some('/');
                        runs
                    }
                    Token::All => {
                        runs |= reached[at];
                        runs
                    }
                    Token::Directories => {
                        let here = reached[at] || runs && before == Some('/');
                        runs |= reached[at];
                        here
                    }
                };
                any |= next[at];
            }
            if !any {
                return false;
            }
            reached = next;
        }
        reached.last().copied().unwrap_or_default()
    }
}

fn has_wildcards(letters: &[char]) -> bool {
    letters
        .iter()
        .any(|letter| matches!(letter, '*' | '?' | '[' | '\\'))
}

/// Parses a set after its opening bracket. Returns the token and its length.
fn set(letters: &[char]) -> Option<(Token, usize)> {
    let negated = letters.first() == Some(&'^');
    let mut at = usize::from(negated);
    let mut ranges = Vec::new();
    let one = |at: &mut usize| {
        if letters.get(*at) == Some(&'\\') {
            *at += 1;
        }
        let letter = letters.get(*at).copied();
        *at += 1;
        letter
    };
    while ranges.is_empty() || letters.get(at) != Some(&']') {
        let first = one(&mut at)?;
        let mut last = first;
        if letters.get(at) == Some(&'-') && letters.get(at + 1).is_some_and(|next| *next != ']') {
            at += 1;
            last = one(&mut at)?;
        }
        ranges.push((first, last));
    }
    Some((Token::Set { ranges, negated }, at + 1))
}

/// Reports whether a pattern may match something inside a directory, judging by the pattern's leading parts.
pub fn may_match_below(pattern: &str, directory: &str) -> bool {
    let mut parts = pattern.split('/');
    for name in directory.split('/').filter(|name| !name.is_empty()) {
        match parts.next() {
            Some(part) if part.contains("**") => return true,
            // Most parts are plain names. Parsing each as a pattern takes long when many paths are compared with
            // many patterns.
            Some(part) if !part.contains(['*', '?', '[', '\\']) => {
                if part != name {
                    return false;
                }
            }
            Some(part) if Pattern::of_copy(part).matches(name) => {}
            _ => return false,
        }
    }
    parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_copy() {
        for (pattern, path, expected) in [
            ("*.json", "a.json", true),
            ("*.json", "a/b.json", false),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[]x", "[]x", true),
            ("app/[[]slug]", "app/[slug]", true),
            ("app/\\*", "app/*", true),
            ("app/\\*", "app/x", false),
            ("packages/*/package.json", "packages/a/package.json", true),
            (
                "packages/*/package.json",
                "packages/a/b/package.json",
                false,
            ),
            ("**/x", "a/x", true),
            ("**/x", "a/b/x", false),
        ] {
            assert_eq!(
                Pattern::of_copy(pattern).matches(path),
                expected,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn patterns_of_ignore_files() {
        for (pattern, path, expected) in [
            ("**/x", "x", true),
            ("**/x", "a/b/x", true),
            ("**/x", "a/bx", false),
            ("**x", "a/bx", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("**/*.log", "a/b.log", true),
            ("**/*.log", "b.log", true),
            ("*.log", "a/b.log", false),
            ("dist", "dist", true),
            ("dist", "dist/x", false),
        ] {
            let read = Pattern::of_ignore_file(pattern);
            assert_eq!(read.matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_wildcards_take_no_time() {
        let pattern = Pattern::of_ignore_file(&format!("{}b", "**/*a".repeat(100)));
        assert!(!pattern.matches(&"a/".repeat(300)));
    }

    #[test]
    fn what_may_be_inside_of_a_directory() {
        for (pattern, directory, expected) in [
            ("src/a", "src", true),
            ("src", "src", false),
            ("src", "src/a", false),
            ("*/a", "src", true),
            ("**/a", "src/b/c", true),
            ("lib/a", "src", false),
        ] {
            assert_eq!(
                may_match_below(pattern, directory),
                expected,
                "{pattern} {directory}"
            );
        }
    }
}
