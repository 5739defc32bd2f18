//! Definitions shared by writing and reading archives.

use rustix::fs::Timespec;

/// The name of the directory itself.
pub(super) const ROOT: &str = ".";
/// The record for a time with fractions of a second, or before 1970.
pub(super) const TIME: &str = "mtime";

/// Formats a time as in archives.
pub(super) fn write_time(seconds: i64, nanoseconds: i64) -> String {
    // The fraction is added to the second below; the sign applies to the whole number.
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    let sign = if total < 0 { "-" } else { "" };
    let (seconds, fraction) = (
        total.unsigned_abs() / 1_000_000_000,
        total.unsigned_abs() % 1_000_000_000,
    );
    format!("{sign}{seconds}.{fraction:09}")
}

/// Parses such a time; `None` if it is invalid.
pub(super) fn read_time(text: &str) -> Option<Timespec> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let total = sign * (i128::from(seconds) * 1_000_000_000 + fraction);
    Some(Timespec {
        tv_sec: total.div_euclid(1_000_000_000).try_into().ok()?,
        tv_nsec: total.rem_euclid(1_000_000_000).try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_were_written() {
        for (seconds, nanoseconds, text) in [
            (0, 1, "0.000000001"),
            (1_700_000_000, 123_000_000, "1700000000.123000000"),
            (-1, 500_000_000, "-0.500000000"),
            (-2, 250_000_000, "-1.750000000"),
            (-1, 0, "-1.000000000"),
        ] {
            assert_eq!(write_time(seconds, nanoseconds), text);
            let read = read_time(text).unwrap();
            assert_eq!((read.tv_sec, read.tv_nsec), (seconds, nanoseconds));
        }
        for (text, seconds, nanoseconds) in [("12", 12, 0), ("1.5", 1, 500_000_000)] {
            let read = read_time(text).unwrap();
            assert_eq!((read.tv_sec, read.tv_nsec), (seconds, nanoseconds));
        }
        for text in ["", ".", "x", "1.x", "--1", "99999999999999999999"] {
            assert!(read_time(text).is_none(), "{text}");
        }
    }
}
