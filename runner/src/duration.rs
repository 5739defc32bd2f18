//! Formatting of durations.

use std::fmt::Write as _;
use std::time::Duration;

/// Formats a duration as in the language: `1m30s`.
pub(super) fn format_duration(duration: Duration) -> String {
    let mut rest = duration.as_millis();
    let mut text = String::new();
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if rest >= size {
            _ = write!(text, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_in_the_language() {
        for (milliseconds, expected) in [
            (0, "0s"),
            (500, "500ms"),
            (90_000, "1m30s"),
            (600_000, "10m"),
            (3_600_001, "1h1ms"),
        ] {
            assert_eq!(
                format_duration(Duration::from_millis(milliseconds)),
                expected
            );
        }
    }
}
