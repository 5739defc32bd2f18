//! Durations and points in time.

use std::time::Duration;

use super::form;

form! {
    /// A duration.
    DURATION: Duration = duration;
    name: "duration",
    wanted: "a duration such as 30s, 500ms or 1m30s",
    pattern: "^([0-9]+(ms|s|m|h))+$",
    numbers: None,
}

form! {
    /// A limit of time.
    LIMIT: Duration = |text| duration(text).filter(|limit| !limit.is_zero());
    name: "duration",
    wanted: "a duration such as 10m or 1m30s, longer than 0s",
    pattern: "^([0-9]+(ms|s|m|h))+$",
    numbers: None,
}

form! {
    /// A point in time.
    TIME: i64 = seconds;
    name: "time",
    wanted: "a number of seconds since 1970, or a time such as 2026-01-31T12:00:00Z",
    pattern: "^([0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[-+][0-9]{2}:[0-9]{2}))?)$",
    numbers: Some((0, i64::MAX as u64)),
}

/// Parses a duration in Go's format, without fractions.
fn duration(text: &str) -> Option<Duration> {
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

/// Parses seconds since 1970, or a time according to RFC 3339; a date alone means its beginning in
/// UTC.
fn seconds(text: &str) -> Option<i64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let day = days(text.get(..10)?)?.checked_mul(86_400)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(day);
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let second = clock_time(clock.get(..8)?)?;
    let rest = clock.get(8..)?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    Some(day + second - zone(rest)?).filter(|seconds| *seconds >= 0)
}

/// Returns the number of days from 1970 to `YYYY-MM-DD`.
fn days(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, '-')?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1)?;
    if year < 1970 || !(1..=*lengths.get(before)?).contains(&day) {
        return None;
    }
    let past = year - 1;
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(past) - leaps(1969);
    Some(years + lengths[..before].iter().sum::<i64>() + day - 1)
}

/// Parses `hh:mm:ss` to seconds of the day; a leap second counts as the next one.
fn clock_time(text: &str) -> Option<i64> {
    let [hour, minute, second] = numbers(text, ':')?;
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Parses `Z` or `±hh:mm` to seconds.
fn zone(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    Some(sign * clock_time(&format!("{}:00", &text[1..]))?)
}

/// Parses three numbers, the last two with two digits.
fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut next = || {
        let part = parts.next()?;
        let good = part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| part.parse().ok()).flatten()
    };
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1700000000", Some(1_700_000_000)),
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400)),
            ("2024-01-02T03:04:05Z", Some(1_704_164_645)),
            ("2024-01-02T03:04:05.678Z", Some(1_704_164_645)),
            ("2024-01-02T03:04:05+01:00", Some(1_704_161_045)),
            ("2024-12-31 23:59:60-00:30", Some(1_735_691_400)),
            ("2023-02-29", None),
            ("2024-13-01", None),
            ("1969-12-31", None),
            ("1970-01-01T00:00:00+01:00", None),
            ("2024-01-02T03:04:05", None),
            ("2024-01-02T03:04:05.Z", None),
            ("24-01-02", None),
            ("-1", None),
            ("now", None),
            ("", None),
            ("2024-01-0ä", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
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
}
