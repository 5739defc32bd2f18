//! Go's formats and numbers, as used in bytes and messages.

use std::fmt::Write as _;

/// Quotes a text like `%q`.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            character if is_printable(character) => quoted.push(character),
            character => {
                let number = u32::from(character);
                // Writing to a string can't fail.
                _ = if number < 0x80 {
                    write!(quoted, "\\x{number:02x}")
                } else if number < 0x1_0000 {
                    write!(quoted, "\\u{number:04x}")
                } else {
                    write!(quoted, "\\U{number:08x}")
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Quotes the items of a list like `%q`.
pub(crate) fn quote_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
    format!("[{}]", items.join(" "))
}

/// Reports whether a character is printed unescaped: letters, marks, numbers, punctuation, symbols and the
/// space.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return character == ' ' || character.is_ascii_graphic();
    }
    // The standard library escapes unprintable characters, and combining marks only at the beginning of a text.
    let text: String = ['a', character].into_iter().collect();
    !text.escape_debug().skip(1).any(|escaped| escaped == '\\') || character == '\''
}

/// Formats nanoseconds like `time.Duration`.
pub(crate) fn duration(nanoseconds: i64) -> String {
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    if all < 1_000 {
        return format!("{sign}{all}ns");
    }
    if all < 1_000_000 {
        return format!("{sign}{}µs", fraction(all, 1_000));
    }
    if all < 1_000_000_000 {
        return format!("{sign}{}ms", fraction(all, 1_000_000));
    }
    let scale = 1_000_000_000;
    let (seconds, rest) = (all / scale, all % scale);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let seconds = fraction(seconds * scale + rest, scale);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn fraction(number: u64, scale: u64) -> String {
    let (whole, rest) = (number / scale, number % scale);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = scale.ilog10() as usize;
    let rest = format!("{rest:0digits$}");
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

/// Quotes a text like Go's `time`: non-ASCII bytes by their numbers.
fn quote_bytes(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if character < ' ' || !character.is_ascii() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string can't fail.
                _ = write!(quoted, "\\x{byte:02x}");
            }
            continue;
        }
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Parses a duration like `time.ParseDuration`, in nanoseconds; the error is Go's.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote_bytes(text));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let is_digit = |character: char| character.is_ascii_digit();
        let whole_end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(whole_end);
        let (part, after) = match after.strip_prefix('.') {
            Some(after) => {
                let end = after.find(|c| !is_digit(c)).unwrap_or(after.len());
                after.split_at(end)
            }
            None => ("", after),
        };
        if whole.is_empty() && part.is_empty() {
            return Err(invalid());
        }
        let unit_end = after
            .find(|c: char| c == '.' || is_digit(c))
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(format!(
                "time: missing unit in duration {}",
                quote_bytes(text)
            ));
        }
        let scale: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote_bytes(unit),
                    quote_bytes(text)
                ));
            }
        };
        let whole: u64 = match whole {
            "" => 0,
            whole => whole.parse().map_err(|_| invalid())?,
        };
        let mut value = whole.checked_mul(scale).ok_or_else(invalid)?;
        if !part.is_empty() {
            let fraction: f64 = format!("0.{part}").parse().map_err(|_| invalid())?;
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "Go computes the part after the point in floating point"
            )]
            let part = (fraction * scale as f64) as u64;
            value = value.checked_add(part).ok_or_else(invalid)?;
        }
        total = total.checked_add(value).ok_or_else(invalid)?;
        rest = after;
    }
    let total = i64::try_from(total).map_err(|_| invalid())?;
    Ok(if negative { -total } else { total })
}

/// Parses a boolean like `strconv.ParseBool`.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Parses a size in bytes with an optional unit of powers of 1024, like `units.RAMInBytes`.
pub(crate) fn parse_size(text: &str) -> Option<i64> {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let number = &text[..=end];
    let number = number.strip_suffix(' ').unwrap_or(number);
    let unit = text[end + 1..].to_lowercase();
    let number: f64 = number.parse().ok()?;
    if number < 0.0 {
        return None;
    }
    let power = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Go converts from floating point, too"
    )]
    Some((number * 1024_f64.powi(power)) as i64)
}

/// Joins path elements and cleans the result, like `path.Join`: an empty result stays empty.
pub(crate) fn join(elements: &[&str]) -> String {
    let length = elements.iter().map(|element| element.len() + 1).sum();
    let mut joined = String::with_capacity(length);
    for element in elements.iter().filter(|element| !element.is_empty()) {
        if joined.is_empty() {
            joined.push_str(element);
            continue;
        }
        // Cleaning would reduce several slashes to one.
        if !joined.ends_with('/') {
            joined.push('/');
        }
        joined.push_str(element.trim_start_matches('/'));
    }
    if joined.is_empty() || is_clean(&joined) {
        return joined;
    }
    clean(&joined)
}

/// Cleans a path like `path.Clean`.
pub(crate) fn clean(path: &str) -> String {
    if is_clean(path) {
        return path.to_owned();
    }
    let root = usize::from(path.starts_with('/'));
    let mut cleaned = String::with_capacity(path.len());
    cleaned.push_str(&path[..root]);
    // The length of the part that `..` doesn't remove: the root, and other `..` elements.
    let mut fixed = root;
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if cleaned.len() > fixed => {
                let last = cleaned[fixed..].rfind('/').unwrap_or(0);
                cleaned.truncate(fixed + last);
            }
            ".." if root > 0 => {}
            name => {
                if cleaned.len() > root {
                    cleaned.push('/');
                }
                cleaned.push_str(name);
                if name == ".." {
                    fixed = cleaned.len();
                }
            }
        }
    }
    if cleaned.is_empty() {
        cleaned.push('.');
    }
    cleaned
}

/// Reports whether a path is clean. It may return `false` for some clean paths.
pub(crate) fn is_clean(path: &str) -> bool {
    let relative = path.strip_prefix('/').unwrap_or(path);
    // Elements are short, so searching for slashes byte by byte is fastest.
    let mut names = relative.as_bytes().split(|byte| *byte == b'/');
    path == "/" || names.all(|name| !matches!(name, b"" | b"." | b".."))
}

/// Returns the last element of a path, like `path.Base`.
pub(crate) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    match path.rsplit('/').next() {
        None | Some("") => "/",
        Some(base) => base,
    }
}

/// Splits a line of comma-separated values, with quotes as in RFC 4180.
pub(crate) fn csv_fields(line: &str) -> Result<Vec<String>, String> {
    let line = line
        .strip_suffix("\r\n")
        .or_else(|| line.strip_suffix('\n'))
        .unwrap_or(line);
    if line.is_empty() {
        return Err("EOF".to_owned());
    }
    let problem = |rest: &str, what: &str| {
        let column = line.len() - rest.len() + 1;
        format!("parse error on line 1, column {column}: {what}")
    };
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            };
            if let Some(at) = field.find('"') {
                return Err(problem(&rest[at..], "bare \" in non-quoted-field"));
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        rest = quoted;
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return Err(problem(rest, "extraneous or missing \" in quoted-field"));
            };
            field.push_str(part);
            if let Some(after) = after.strip_prefix('"') {
                field.push('"');
                rest = after;
            } else if after.is_empty() {
                fields.push(field);
                return Ok(fields);
            } else if let Some(after) = after.strip_prefix(',') {
                rest = after;
                break;
            } else {
                return Err(problem(rest, "extraneous or missing \" in quoted-field"));
            }
        }
        fields.push(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_in_go() {
        for (text, quoted) in [
            ("a b", r#""a b""#),
            ("\"\\\n\u{1}\u{7f}", r#""\"\\\n\x01\x7f""#),
            ("é世\u{301}'", "\"é世\u{301}'\""),
            ("\u{200b}\u{feff}\u{a0}", r#""\u200b\ufeff\u00a0""#),
        ] {
            assert_eq!(quote(text), quoted, "{text:?}");
        }
    }

    #[test]
    fn durations_are_those_of_go() {
        for (text, nanoseconds, written) in [
            ("30s", 30_000_000_000, "30s"),
            ("1m30s", 90_000_000_000, "1m30s"),
            ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("100ms", 100_000_000, "100ms"),
            ("1.5ms", 1_500_000, "1.5ms"),
            ("0", 0, "0s"),
            ("-2s", -2_000_000_000, "-2s"),
        ] {
            assert_eq!(parse_duration(text), Ok(nanoseconds), "{text}");
            assert_eq!(duration(nanoseconds), written, "{text}");
        }
        for (text, error) in [
            ("1x", "time: unknown unit \"x\" in duration \"1x\""),
            ("5", "time: missing unit in duration \"5\""),
            (
                "5Â\t",
                r#"time: unknown unit "\xc3\x82\x09" in duration "5\xc3\x82\x09""#,
            ),
            ("\"\\", r#"time: invalid duration "\"\\""#),
            ("", "time: invalid duration \"\""),
            ("s", "time: invalid duration \"s\""),
        ] {
            assert_eq!(parse_duration(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn paths_are_cleaned_as_in_go() {
        for (path, expected) in [
            ("", "."),
            ("a/../..", ".."),
            ("/a/../..", "/"),
            ("a//b/./c/", "a/b/c"),
            ("../../a", "../../a"),
            ("../a/..", ".."),
            ("../a/b/..", "../a"),
            ("a/..", "."),
            ("/a/b/..", "/a"),
            ("/a/./../b", "/b"),
            ("/", "/"),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
        assert_eq!(join(&["/", "a", "../b"]), "/b");
        assert_eq!(join(&["/a/", "//b"]), "/a/b");
        assert_eq!(
            (join(&["a", "/"]), join(&["//", "b"])),
            ("a".into(), "/b".into())
        );
        assert_eq!(join(&["", ""]), "");
        assert_eq!((base("/a/b/"), base("/"), base("")), ("b", "/", "."));
    }

    #[test]
    fn fields_are_split_at_commas() {
        let fields = |line| csv_fields(line);
        assert_eq!(fields("a=b,c").unwrap(), ["a=b", "c"]);
        assert_eq!(fields("\"a,b\",\"c\"\"d\"").unwrap(), ["a,b", "c\"d"]);
        assert_eq!(fields("a,").unwrap(), ["a", ""]);
        fields("a\"b").unwrap_err();
        fields("\"a").unwrap_err();
        fields("\"a\"b").unwrap_err();
        fields("").unwrap_err();
    }

    #[test]
    fn sizes_have_units() {
        for (text, size) in [
            ("10", Some(10)),
            ("10k", Some(10_240)),
            ("1.5GiB", Some(1_610_612_736)),
            ("2 mb", Some(2_097_152)),
            ("x", None),
            ("1x", None),
            ("-1", None),
        ] {
            assert_eq!(parse_size(text), size, "{text}");
        }
    }
}
