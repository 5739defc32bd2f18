//! Permissions.

use super::form;
use crate::plan::Mode;

form! {
    /// The permissions of a file. Editors read `0644` as the number 644.
    MODE: u32 = octal;
    name: "octal mode",
    wanted: "an octal number such as 0644",
    pattern: "^(0o)?[0-7]{3,5}$",
    numbers: Some((0, 77777)),
}

form! {
    /// The permissions of what is mounted: sticky, setuid and setgid mean nothing there.
    MOUNT_MODE: u32 = |text| octal(text).filter(|mode| *mode <= 0o777);
    name: "octal mode",
    wanted: "an octal number such as 0644",
    pattern: "^(0o)?0{0,2}[0-7]{3}$",
    numbers: Some((0, 777)),
}

form! {
    /// The permissions of what is copied.
    COPY_MODE: Mode = copy_mode;
    name: "mode",
    wanted: "an octal number such as 0644, or a change such as u=rwX,go=rX",
    pattern: "^((0o)?[0-7]{3,5}|[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*)$",
    numbers: Some((0, 77777)),
}

/// Parses an octal mode, or changes in the notation of chmod.
fn copy_mode(text: &str) -> Option<Mode> {
    octal(text)
        .map(Mode::Octal)
        .or_else(|| is_symbolic_mode(text).then(|| Mode::Symbolic(text.to_owned())))
}

/// Parses an octal mode with any bits.
fn octal(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let good =
        (3..=5).contains(&digits.len()) && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    good.then(|| u32::from_str_radix(digits, 8).ok())
        .flatten()
        .filter(|mode| *mode <= 0o7777)
}

/// Reports whether a string is a list of changes in the notation of chmod.
fn is_symbolic_mode(text: &str) -> bool {
    !text.is_empty()
        && text.split(',').all(|change| {
            let rest = change.trim_start_matches(['u', 'g', 'o', 'a']);
            let permissions = rest.strip_prefix(['+', '-', '=']);
            permissions.is_some_and(|rest| rest.chars().all(|letter| "rwxXstugo".contains(letter)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for (text, expected) in [
            ("0644", Some(0o644)),
            ("755", Some(0o755)),
            ("0o600", Some(0o600)),
            ("4755", Some(0o4755)),
            ("0888", None),
            ("6", None),
            ("", None),
        ] {
            assert_eq!(octal(text), expected, "{text}");
        }
        for (text, expected) in [
            ("u=rwX,go=rX", true),
            ("+x", true),
            ("a-w", true),
            ("u", false),
            ("", false),
            ("u=z", false),
        ] {
            assert_eq!(is_symbolic_mode(text), expected, "{text}");
        }
    }
}
