//! Names of steps in progress output and in the history.

use std::borrow::Cow;

use buildkit_llb::Platform;

use super::stage::StageState;
use crate::case;
use crate::lexer::{Environment, Lexer};

/// The comment of every history entry.
pub(super) const HISTORY_COMMENT: &str = "buildkit.dockerfile.v0";

/// Prefixes the name of a step with the stage and the step's number, and counts the step.
pub(super) fn prefixed(
    stage: &mut StageState<'_>,
    name: &str,
    shows_platform: bool,
    platform: Option<&Platform>,
    environment: &dyn Environment,
) -> String {
    if stage.total > 0 {
        stage.shown += 1;
    }
    prefixed_again(stage, name, shows_platform, platform, environment)
}

/// Adds the same prefix to another name of the same step.
pub(super) fn prefixed_again(
    stage: &StageState<'_>,
    name: &str,
    shows_platform: bool,
    platform: Option<&Platform>,
    environment: &dyn Environment,
) -> String {
    if stage.total == 0 {
        return name.to_owned();
    }
    let mut prefix = String::with_capacity(name.len() + stage.name.len() + 24);
    prefix.push('[');
    if let (true, Some(platform)) = (shows_platform, platform) {
        prefix.push_str(&formatted(platform));
        prefix.push_str(&cross_target(platform, target_of(environment)));
        prefix.push(' ');
    }
    if !stage.name.is_empty() {
        prefix.push_str(&stage.name);
        prefix.push(' ');
    }
    let width = stage.total.ilog10() + 1;
    push_number(&mut prefix, stage.shown, width);
    prefix.push('/');
    push_number(&mut prefix, stage.total, width);
    prefix.push_str("] ");
    if stage.is_trigger {
        prefix.push_str("ONBUILD ");
    }
    prefix.push_str(name);
    prefix
}

/// Appends a number, padded with spaces to a number of digits. Each step has two of them, and the standard library's
/// formatting would be the most expensive part of its name.
fn push_number(text: &mut String, number: usize, width: u32) {
    for digit in (0..width).rev() {
        let rest = number / 10_usize.pow(digit);
        text.push(match u8::try_from(rest % 10) {
            _ if rest == 0 && digit > 0 => ' ',
            Ok(value) => char::from(b'0' + value),
            Err(_) => '?',
        });
    }
}

/// Formats a platform; an empty one is `unknown`.
pub(super) fn formatted(platform: &Platform) -> String {
    if platform.os.is_empty() {
        "unknown".to_owned()
    } else {
        platform.to_string()
    }
}

/// Describes the target platform of a build that runs on another platform.
fn cross_target(base: &Platform, target: Option<Platform>) -> String {
    let Some(mut target) = target else {
        return String::new();
    };
    if target.os.is_empty() {
        target.os.clone_from(&base.os);
    }
    if target.architecture.is_empty() {
        target.architecture.clone_from(&base.architecture);
    }
    let target = target.normalize();
    if target.os != base.os {
        format!("->{}", formatted(&target))
    } else if target.architecture == base.architecture {
        String::new()
    } else if target.variant.is_empty() {
        format!("->{}", target.architecture)
    } else {
        format!("->{}/{}", target.architecture, target.variant)
    }
}

/// Returns the platform given by a stage's `TARGET…` arguments.
fn target_of(environment: &dyn Environment) -> Option<Platform> {
    let mut platform = Platform::new("", "");
    let mut is_set = false;
    for name in environment.names() {
        let value = || environment.get(name).unwrap_or_default().to_owned();
        match name {
            "TARGETPLATFORM" => {
                if let Ok(platform) = Platform::parse(&value()) {
                    return Some(platform);
                }
                continue;
            }
            "TARGETOS" => platform.os = value(),
            "TARGETARCH" => platform.architecture = value(),
            "TARGETVARIANT" => platform.variant = value(),
            _ => continue,
        }
        is_set = true;
    }
    is_set.then_some(platform)
}

/// Expands the variables of an instruction as far as possible, and converts its keyword to upper case.
pub(super) fn of_instruction<'t>(
    lexer: Lexer,
    text: &'t str,
    environment: &dyn Environment,
) -> Cow<'t, str> {
    let text = match lexer.plain(text) {
        Some(plain) => Cow::Borrowed(plain),
        None => match lexer.word(text, environment) {
            Ok(word) => Cow::Owned(word.text),
            Err(_) => Cow::Borrowed(text),
        },
    };
    let end = text.find(' ').unwrap_or(text.len());
    if case::is_upper(&text[..end]) {
        return text;
    }
    Cow::Owned(format!("{}{}", text[..end].to_uppercase(), &text[end..]))
}

/// Formats seconds since 1970 according to RFC 3339.
pub(super) fn timestamp(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of year 0, in eras of 400 years.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_wide_as_the_largest() {
        for (number, width) in [
            (0, 1),
            (7, 1),
            (0, 3),
            (7, 3),
            (70, 3),
            (708, 3),
            (1_000, 4),
        ] {
            let mut text = String::new();
            push_number(&mut text, number, width);
            assert_eq!(text, format!("{number:width$}", width = width as usize));
        }
    }

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(timestamp(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59Z");
    }
}
