//! The small languages used in operations.

/// Reports whether a string is a worker filter (`pkg/filters` of containerd): comma-separated
/// selectors, each a dotted path with an optional operator and value.
pub(super) fn is_filter(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let mut rest = text;
    loop {
        let Some(after) = selector(rest).map(str::trim_start) else {
            return false;
        };
        if after.is_empty() {
            return true;
        }
        let Some(next) = after.strip_prefix(',') else {
            return false;
        };
        rest = next;
    }
}

/// Parses a selector, and returns the rest of the text.
fn selector(text: &str) -> Option<&str> {
    let mut rest = field(text.trim_start())?;
    while let Some(more) = rest.strip_prefix('.') {
        rest = field(more)?;
    }
    let trimmed = rest.trim_start();
    let operators = ["==", "!=", "~="];
    let Some(value) = operators
        .iter()
        .find_map(|operator| trimmed.strip_prefix(operator))
    else {
        return Some(rest);
    };
    let value = value.trim_start();
    // A regular expression may be enclosed in slashes or bars.
    if let Some(quote) = value.chars().next().filter(|quote| "\"/|".contains(*quote)) {
        return quoted(value, quote);
    }
    let end = value
        .find([',', ' ', '\t', '\n', '\r'])
        .unwrap_or(value.len());
    (end > 0).then(|| &value[end..])
}

fn field(text: &str) -> Option<&str> {
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_-/".contains(character);
    let end = text
        .find(|character| !is_part(character))
        .unwrap_or(text.len());
    let named = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    named.then(|| &text[end..])
}

/// Parses a quoted string, and returns the rest of the text.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let mut characters = text.char_indices().skip(1);
    while let Some((position, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next()?;
            }
            other if other == quote => return Some(&text[position + 1..]),
            _ => {}
        }
    }
    None
}

/// Reports whether a string is a valid pattern of Go's `filepath.Match`.
pub(super) fn is_pattern(text: &str) -> bool {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.next().is_none() => return false,
            '[' => {
                if characters.next_if_eq(&'^').is_some() && characters.peek().is_none() {
                    return false;
                }
                let mut ranges = 0;
                while ranges == 0 || characters.next_if_eq(&']').is_none() {
                    ranges += 1;
                    if !is_member(&mut characters) {
                        return false;
                    }
                    if characters.next_if_eq(&'-').is_some() && !is_member(&mut characters) {
                        return false;
                    }
                }
            }
            _ => {}
        }
    }
    true
}

/// Parses one character of a character class.
fn is_member(characters: &mut impl Iterator<Item = char>) -> bool {
    match characters.next() {
        None | Some('-' | ']') => false,
        Some('\\') => characters.next().is_some(),
        Some(_) => true,
    }
}

/// Reports whether a string is a mode that `chmod(1)` accepts.
pub(super) fn is_mode(text: &str) -> bool {
    if !text.is_empty() && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
        return (1..=4).contains(&text.trim_start_matches('0').len().max(1));
    }
    text.split(',').all(|clause| {
        let changes = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        changes.starts_with(['+', '-', '='])
            && changes.chars().all(|one| "+-=rwxXstugo".contains(one))
    })
}

/// Reports whether a string is a list of numbers and ranges, in the kernel's format for CPU sets.
pub(super) fn is_cpu_set(text: &str) -> bool {
    text.split(',').all(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.trim().parse::<u16>().ok();
        number(first)
            .zip(number(last))
            .is_some_and(|(first, last)| first <= last)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is: fn(&str) -> bool, valid: &[&str], invalid: &[&str]) {
        for text in valid {
            assert!(is(text), "{text}");
        }
        for text in invalid {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn filters() {
        check(
            is_filter,
            &[
                "",
                "id",
                "label==fast",
                "labels.\"a b\"==x,platform!=\"linux/arm\"",
                "labels.org.mobyproject.buildkit.worker.executor~=/oci|x/",
                "a == b , c",
            ],
            &[
                "((((", "==x", "a==", "a,", ",a", "a==\"x", "a b", "a.", "1a",
            ],
        );
    }

    #[test]
    fn patterns() {
        check(
            is_pattern,
            &["", "*", "a/**/b?", "[a-z]x", "[^a]", "\\[", "[\\]]", "a]"],
            &["[", "[]", "[a", "[^", "[^]", "[a-]", "[-a]", "\\"],
        );
    }

    #[test]
    fn modes() {
        check(
            is_mode,
            &[
                "0",
                "755",
                "0755",
                "01777",
                "u=rwX,go=rX",
                "+x",
                "a-w",
                "g=u",
                "u+s,o+t",
                "=",
            ],
            &["", "8", "77777", "u", "rwx", "u=rwz", "u=r,,g=r"],
        );
    }

    #[test]
    fn processors() {
        check(
            is_cpu_set,
            &["0", "0-3,5"],
            &["", "a", "3-0", "0,", "-1", "1-"],
        );
    }
}
