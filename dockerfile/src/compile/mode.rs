//! Permissions in `--chmod`.

use super::step::Mode;
use crate::go;
use crate::mistake::Mistake;

/// Parses permissions, as a number or in the notation of `chmod`.
pub(super) fn mode(text: &str) -> Result<Option<Mode>, Mistake> {
    if text.is_empty() {
        return Ok(None);
    }
    let not_octal = || {
        Mistake::new(format!(
            "invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777"
        ))
    };
    if !text.starts_with('+')
        && let Ok(bits) = u32::from_str_radix(text, 8)
    {
        if bits > 0o7777 {
            return Err(not_octal());
        }
        return Ok(Some(Mode::Bits(bits)));
    }
    if is_symbolic(text) {
        return Ok(Some(Mode::Symbolic(text.to_owned())));
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(not_octal());
    }
    Err(Mistake::new(format!(
        "invalid syntax: {} is neither an octal number nor permissions such as u=rwx,go-w",
        go::quote(text)
    )))
}

/// Reports whether a text is a symbolic mode such as `u=rwX,go-w`.
fn is_symbolic(text: &str) -> bool {
    text.split(',').all(|clause| {
        let operations = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        let mut rest = operations;
        let mut count = 0;
        while let Some(after) = rest.strip_prefix(['+', '-', '=']) {
            let permissions = after.trim_start_matches(['r', 'w', 'x', 'X', 's', 't']);
            // The permissions of another class, or individual ones.
            rest = if permissions.len() == after.len() {
                after.strip_prefix(['u', 'g', 'o']).unwrap_or(after)
            } else {
                permissions
            };
            count += 1;
        }
        count > 0 && rest.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_or_symbolic() {
        for text in ["u=rwX,go-w", "+x", "a=r", "g=u"] {
            assert!(is_symbolic(text), "{text}");
        }
        for text in ["", "x", "u", "u=rq", "8"] {
            assert!(!is_symbolic(text), "{text}");
        }
        assert!(mode("10000").is_err());
        assert!(mode("abc").is_err());
    }
}
