//! Texts as values: booleans, numbers, modes, durations, sizes, paths.

use std::time::Duration;

use super::Planner;
use crate::budget::Size;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Mode, Owner};
use crate::source::Spanned;
use crate::syntax::keys::form::{self, Form};

/// The longest name of a host that Linux takes.
const MAX_HOST_NAME: usize = 64;

/// Reads `true` or `false`.
pub fn flag(key: &str, text: &Spanned<String>, found: &mut Diagnostics) -> Option<bool> {
    match text.value.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        other => {
            found.push(diagnostics::not_one_of(
                key,
                other,
                text.span,
                &["true", "false"],
            ));
            None
        }
    }
}

impl Planner<'_> {
    /// Reads a boolean that is false if nothing is written.
    pub(super) fn flag(&mut self, key: &str, text: Option<&Text>) -> bool {
        let text = self.optional(text);
        text.and_then(|text| flag(key, &text, self.found))
            .unwrap_or(false)
    }

    /// Reads a value by the rule of its form.
    pub(super) fn value<T>(
        &mut self,
        key: &str,
        text: Option<&Text>,
        form: &Form,
        rule: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.optional(text)?;
        let value = rule(&text.value);
        if value.is_none() {
            self.found.push(diagnostics::invalid_value(
                key,
                &text.value,
                text.span,
                form.wanted,
            ));
        }
        value
    }

    /// Reads one of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        text: Option<&Text>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.optional(text)?;
        let known = words
            .iter()
            .find(|(word, _)| *word == text.value)
            .map(|(_, value)| *value);
        if known.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.found
                .push(diagnostics::not_one_of(key, &text.value, text.span, &words));
        }
        known
    }

    /// Reads a user's or group's number.
    pub(super) fn id(&mut self, key: &str, text: Option<&Text>) -> Option<u32> {
        self.value(key, text, &form::ID, |text| text.parse().ok())
    }

    /// Reads the mode of what is mounted, in octal: only permissions count there.
    pub(super) fn mode(&mut self, text: Option<&Text>) -> Option<u32> {
        self.value("mode", text, &form::MODE, |text| {
            octal(text).filter(|mode| *mode <= 0o777)
        })
    }

    /// Reads the mode of what a step makes, in octal: sticky, setuid and setgid too.
    pub(super) fn file_mode(&mut self, text: Option<&Text>) -> Option<u32> {
        self.value("mode", text, &form::MODE, octal)
    }

    /// Reads the mode of copies: octal, or symbolic as chmod's.
    pub(super) fn copy_mode(&mut self, text: Option<&Text>) -> Option<Mode> {
        self.value("mode", text, &form::COPY_MODE, |text| {
            octal(text)
                .map(Mode::Octal)
                .or_else(|| is_symbolic_mode(text).then(|| Mode::Symbolic(text.to_owned())))
        })
    }

    /// Reads `user`, `user:group`, names or numbers.
    pub(super) fn owner(&mut self, text: Option<&Text>) -> Option<Owner> {
        let span = text.map(Text::span).unwrap_or_default();
        self.value("owner", text, &form::OWNER, |text| {
            let (user, group) = text
                .split_once(':')
                .map_or((text, None), |(user, group)| (user, Some(group)));
            (is_account(user) && group.is_none_or(is_account)).then(|| Owner {
                user: user.to_owned(),
                group: group.map(str::to_owned),
                span,
            })
        })
    }

    /// Reads the user of scripts or of a container, in the form in which BuildKit takes it.
    pub(super) fn user(&mut self, text: Option<&Text>) -> Option<String> {
        self.value("user", text, &form::OWNER, |text| {
            let good = text.split(':').count() <= 2 && text.split(':').all(is_account);
            good.then(|| text.to_owned())
        })
    }

    /// Reads the name of a host.
    pub(super) fn host_name(&mut self, text: Option<&Text>) -> Option<String> {
        self.value("hostname", text, &form::HOSTNAME, |text| {
            is_host_name(text).then(|| text.to_owned())
        })
    }

    /// Reads what something is called outside of the file.
    pub(super) fn identifier(&mut self, text: Option<&Text>) -> Option<String> {
        self.value("id", text, &form::IDENTIFIER, |text| {
            is_identifier(text).then(|| text.to_owned())
        })
    }

    /// Reads a size in bytes, or with `k`, `m`, `g`.
    pub(super) fn size(&mut self, key: &str, text: Option<&Text>) -> Option<u64> {
        self.value(key, text, &form::SIZE, size)
    }

    /// Reads a duration; zero if nothing is written.
    pub(super) fn duration(&mut self, key: &str, text: Option<&Text>) -> Duration {
        self.value(key, text, &form::DURATION, duration)
            .unwrap_or_default()
    }

    /// Reads a number from 0 on; zero if nothing is written.
    pub(super) fn count(&mut self, key: &str, text: Option<&Text>) -> u32 {
        self.value(key, text, &form::COUNT, |text| text.parse().ok())
            .unwrap_or_default()
    }

    /// Reads an exit code.
    pub(super) fn exit_code(&mut self, text: &Text) -> Option<u8> {
        self.value("exit-codes", Some(text), &form::EXIT_CODE, |text| {
            text.parse().ok()
        })
    }

    /// Reads a port or a range of ports, with an optional protocol.
    pub(super) fn port(&mut self, text: &Text) -> Option<Vec<String>> {
        let ports = self.value("expose", Some(text), &form::PORT, ports)?;
        let size = Size::of_all(ports.iter().map(String::as_str));
        self.take(size, text.span()).then_some(ports)
    }

    /// Reads a path of an image.
    pub(super) fn path(&mut self, text: &Text) -> Option<String> {
        let path = self.text(text)?;
        self.check_shell_path(text);
        let reason = match path.value.as_str() {
            "" => "it is empty",
            text if text.contains('\0') => "it holds a zero byte",
            _ => return Some(path.value),
        };
        self.found
            .push(diagnostics::invalid_path(&path.value, path.span, reason));
        None
    }

    /// Reads a path of an image that may be left out.
    pub(super) fn optional_path(&mut self, text: Option<&Text>) -> Option<String> {
        text.and_then(|text| self.path(text))
    }

    /// Reads a path of a context, a stage or an image: as it is seen from its root, a trailing `/` kept.
    pub(super) fn source_path(&mut self, text: &Text) -> Option<Spanned<String>> {
        let path = self.path(text)?;
        let span = text.span();
        let Some(inside) = inside(&path) else {
            self.found.push(diagnostics::path_outside(&path, span));
            return None;
        };
        Some(Spanned::new(inside, span))
    }
}

/// Tells whether a text names a user or a group. What looks like a number has to be one that processes can have.
pub(super) fn is_account(text: &str) -> bool {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number {
        return text.parse::<u32>().is_ok_and(|id| id <= form::MAX_ID);
    }
    !text.is_empty() && !text.contains([':', ' ']) && !text.contains(char::is_control)
}

/// Tells whether a text can be the name of a host.
pub(super) fn is_host_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let ends = [text.bytes().next(), text.bytes().next_back()];
    text.len() <= MAX_HOST_NAME
        && ends.iter().all(|byte| byte.is_some_and(is_letter))
        && text
            .bytes()
            .all(|byte| is_letter(byte) || matches!(byte, b'.' | b'-'))
}

/// Tells whether a text can be what something is called outside of the file.
pub(super) fn is_identifier(text: &str) -> bool {
    !text.is_empty() && !text.contains('\0')
}

/// Reads a size in bytes, or with `k`, `m`, `g`.
pub(super) fn size(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let unit = lower.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = &lower[..lower.len() - unit.len()];
    // `mb` is 1000² to some and 1024² to others.
    let shift = match unit {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return None,
    };
    let size = digits.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    i64::try_from(size).ok().map(|_| size)
}

/// Makes a path absolute and clean; `None` if it leaves its root.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let content = path.ends_with('/') || path.ends_with("/.");
    let tail = if content && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    Some(format!("/{}{tail}", parts.join("/")))
}

/// Reads a mode in octal, whatever its bits.
pub(super) fn octal(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let good =
        (3..=5).contains(&digits.len()) && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    good.then(|| u32::from_str_radix(digits, 8).ok())
        .flatten()
        .filter(|mode| *mode <= 0o7777)
}

/// Tells whether a text is a list of changes as chmod takes them.
pub(super) fn is_symbolic_mode(text: &str) -> bool {
    !text.is_empty()
        && text.split(',').all(|change| {
            let rest = change.trim_start_matches(['u', 'g', 'o', 'a']);
            let permissions = rest.strip_prefix(['+', '-', '=']);
            permissions.is_some_and(|rest| rest.chars().all(|letter| "rwxXstugo".contains(letter)))
        })
}

/// Reads a duration as Go writes it, without fractions.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit_length = rest[digits..].find(|character: char| character.is_ascii_digit());
        let unit_end = unit_length.map_or(rest.len(), |length| digits + length);
        let milliseconds = match &rest[digits..unit_end] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        total = total.checked_add(Duration::from_millis(number.checked_mul(milliseconds)?))?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty() && total.as_nanos() <= i64::MAX as u128).then_some(total)
}

/// Lists the ports of `8080`, `53/udp` or `8000-8010`.
pub(super) fn ports(text: &str) -> Option<Vec<String>> {
    let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return None;
    }
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then(|| {
        (first..=last)
            .map(|port| format!("{port}/{protocol}"))
            .collect()
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

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("0", Some(0)),
            ("12b", Some(12)),
            ("2k", Some(2 << 10)),
            ("250M", Some(250 << 20)),
            ("1GiB", Some(1 << 30)),
            ("250MB", None),
            ("1kb", None),
            ("1bb", None),
            ("1ib", None),
            ("m", None),
            ("", None),
            ("99999999999g", None),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("2h", Some(7_200_000)),
            ("30", None),
            ("s", None),
            ("", None),
            ("1d", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(
                duration(text),
                expected.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn names_of_hosts() {
        let longest = "a".repeat(64);
        for name in ["a", "db-1.internal", "_x", "10", &longest] {
            assert!(is_host_name(name), "{name}");
        }
        let too_long = "a".repeat(65);
        for name in ["", "-a", "a.", "a b", "a\n127.0.0.1", "a#", "ä", &too_long] {
            assert!(!is_host_name(name), "{name}");
        }
    }

    #[test]
    fn exposed_ports() {
        for (text, expected) in [
            ("8080", Some(vec!["8080/tcp"])),
            ("53/UDP", Some(vec!["53/udp"])),
            ("8000-8001", Some(vec!["8000/tcp", "8001/tcp"])),
            ("0", None),
            ("65536", None),
            ("9-8", None),
            ("80/http", None),
            ("", None),
        ] {
            assert_eq!(
                ports(text),
                expected.map(|list| list.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn source_paths_stay_inside() {
        for (path, expected) in [
            ("go.mod", Some("/go.mod")),
            (".", Some("/")),
            ("./", Some("/")),
            ("/a//b/./c", Some("/a/b/c")),
            ("dist/", Some("/dist/")),
            ("dist/.", Some("/dist/")),
            ("a/../b", Some("/b")),
            ("..", None),
            ("a/../../b", None),
        ] {
            assert_eq!(inside(path).as_deref(), expected, "{path}");
        }
    }
}
