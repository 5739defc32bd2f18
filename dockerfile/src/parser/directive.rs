//! Directives: comments at the top of a file that control how it is parsed.

/// The names of directives. Any other name ends the directives.
const NAMES: [&str; 3] = ["syntax", "escape", "check"];

/// The directives so far.
pub(super) struct Directives {
    /// The character that escapes others, and continues lines.
    pub escape: char,
    seen: Vec<&'static str>,
    done: bool,
}

impl Directives {
    pub(super) fn new() -> Self {
        Self {
            escape: '\\',
            seen: Vec::new(),
            done: false,
        }
    }

    /// Parses a line. Returns whether it is a directive.
    pub(super) fn read(&mut self, line: &str) -> Result<bool, String> {
        if self.done {
            return Ok(false);
        }
        let Some((name, value)) = line.strip_prefix('#').and_then(pair) else {
            self.done = true;
            return Ok(false);
        };
        if self.seen.contains(&name) {
            return Err(format!("only one {name} parser directive can be used"));
        }
        self.seen.push(name);
        if name == "escape" {
            self.escape = match value {
                "\\" => '\\',
                "`" => '`',
                other => {
                    return Err(format!(
                        "invalid escape token '{other}' does not match ` or \\"
                    ));
                }
            };
        }
        Ok(true)
    }
}

/// Splits `NAME = VALUE` with a known name.
pub(crate) fn pair(comment: &str) -> Option<(&'static str, &str)> {
    let (name, value) = comment.trim_start().split_once('=')?;
    let (name, value) = (
        name.trim_end_matches(is_blank),
        value.trim_matches(is_blank),
    );
    let known = NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))?;
    (!value.is_empty()).then_some((known, value))
}

/// The characters that `\s` matches in Go.
fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}
