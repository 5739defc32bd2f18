//! Patterns in substitutions: `*`, `?`, and escapes.

use regex_lite::Regex;

/// Removes a match of a pattern from the beginning of a value.
pub(super) fn trim_start(pattern: &str, value: &str, longest: bool) -> Result<String, String> {
    let regex = compile(pattern, longest, true)?;
    let end = regex.find(value).map_or(0, |found| found.end());
    Ok(value[end..].to_owned())
}

/// Removes a match of a pattern from the end of a value.
pub(super) fn trim_end(pattern: &str, value: &str, longest: bool) -> Result<String, String> {
    // A regular expression finds the leftmost match, so both are reversed.
    let reversed: String = value.chars().rev().collect();
    let rest = trim_start(&reverse(pattern), &reversed, longest)?;
    Ok(rest.chars().rev().collect())
}

/// Replaces the first match of a pattern, or all matches.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    all: bool,
) -> Result<String, String> {
    let regex = compile(pattern, true, false)?;
    if all {
        let replaced = regex.replace_all(value, |found: &regex_lite::Captures<'_>| {
            expand(replacement, &found[0])
        });
        return Ok(replaced.into_owned());
    }
    Ok(match regex.find(value) {
        None => value.to_owned(),
        Some(found) => format!(
            "{}{replacement}{}",
            &value[..found.start()],
            &value[found.end()..]
        ),
    })
}

/// Expands references to groups in a replacement, like `Regexp.ReplaceAllString`. The only group is the match.
fn expand(template: &str, found: &str) -> String {
    let mut result = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let (name, after_name) = match after.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some((name, after)) if !name.is_empty() && name.chars().all(is_name) => {
                    (name, after)
                }
                _ => ("", after),
            },
            None => after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len())),
        };
        if name.is_empty() {
            result.push('$');
            rest = after;
            continue;
        }
        if name == "0" {
            result.push_str(found);
        }
        rest = after_name;
    }
    result.push_str(rest);
    result
}

/// Reverses a pattern, keeping escapes intact.
fn reverse(pattern: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(&next)) => {
                characters.next();
                parts.push(['\\', next].into_iter().collect());
            }
            _ => parts.push(character.to_string()),
        }
    }
    parts.reverse();
    parts.concat()
}

fn compile(pattern: &str, longest: bool, anchored: bool) -> Result<Regex, String> {
    let invalid = |reason: String| format!("invalid pattern ({pattern}) in substitution: {reason}");
    let mut regex = String::with_capacity(pattern.len() + 4);
    if anchored {
        regex.push('^');
    }
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' => regex.push_str(if longest { ".*" } else { ".*?" }),
            '?' => regex.push('.'),
            '\\' => match characters.peek() {
                // They are escaped for `${}`, and stand for themselves.
                Some('}' | '/') => {}
                Some(&next @ ('*' | '?' | '\\')) => {
                    characters.next();
                    regex.push('\\');
                    regex.push(next);
                }
                next => {
                    let next = next.copied().unwrap_or('\u{fffd}');
                    return Err(invalid(format!("invalid escape '\\{next}'")));
                }
            },
            '[' | ']' | '{' | '}' | '.' | '+' | '(' | ')' | '|' | '^' | '$' => {
                regex.push('\\');
                regex.push(character);
            }
            character => regex.push(character),
        }
    }
    Regex::new(&regex).map_err(|error| invalid(error.to_string()))
}
