//! Parsing of platform specifiers (containerd `platforms`, `Parse`).

use thiserror::Error;

use super::Platform;
use super::normalize::{
    host_architecture, host_os, is_known_architecture, is_known_os, normalize_architecture,
    normalize_os,
};

/// The reason why a string is not a platform.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// The text contains `*`, which platforms do not support.
    #[error("platform `{specifier}` has a wildcard, which is not supported")]
    Wildcard {
        /// The full text.
        specifier: String,
    },
    /// The first part is not an operating system; usually it has a character outside `A-Za-z0-9_-`
    /// or an unclosed parenthesis.
    #[error(
        "`{part}` in platform `{specifier}` is not an operating system, such as `linux` or `windows(10.0.17763)`"
    )]
    OperatingSystem {
        /// The full text.
        specifier: String,
        /// The part before the first slash.
        part: String,
    },
    /// The version or a feature of the operating system has an invalid `%` escape.
    #[error("`{option}` in platform `{specifier}` has an invalid `%` escape")]
    Escape {
        /// The full text.
        specifier: String,
        /// The version or feature as written.
        option: String,
    },
    /// A later part is empty or has a character outside `A-Za-z0-9_.-`.
    #[error("`{part}` in platform `{specifier}` is not an architecture or variant")]
    Component {
        /// The full text.
        specifier: String,
        /// The invalid part.
        part: String,
    },
    /// A single word is neither a known operating system nor a known architecture.
    #[error("`{specifier}` is neither a known operating system nor a known architecture")]
    Unknown {
        /// The full text.
        specifier: String,
    },
    /// The text has more than three parts.
    #[error("platform `{specifier}` has more than three parts; expected os/architecture/variant")]
    TooManyParts {
        /// The full text.
        specifier: String,
    },
}

pub(super) fn parse(specifier: &str) -> Result<Platform, PlatformError> {
    let owned = || specifier.to_owned();
    if specifier.contains('*') {
        return Err(PlatformError::Wildcard { specifier: owned() });
    }
    // The fourth part holds the rest, so that untrusted input isn't split without limit.
    let parts: Vec<&str> = specifier.splitn(4, '/').collect();
    let mut platform = parse_os(specifier, parts[0])?;
    if let Some(part) = parts[1..].iter().find(|part| !is_component(part)) {
        return Err(PlatformError::Component {
            specifier: owned(),
            part: (*part).to_owned(),
        });
    }
    match parts[..] {
        [word] => {
            complete(platform, word).ok_or_else(|| PlatformError::Unknown { specifier: owned() })
        }
        [_, architecture] => {
            set_architecture(&mut platform, architecture);
            Ok(platform)
        }
        [_, architecture, variant] => {
            (platform.architecture, platform.variant) =
                normalize_architecture(architecture, variant);
            if platform.architecture == "arm64" && platform.variant.is_empty() {
                "v8".clone_into(&mut platform.variant);
            }
            Ok(platform)
        }
        _ => Err(PlatformError::TooManyParts { specifier: owned() }),
    }
}

/// Parses `os`, `os(version)` or `os(version+feature+feature)`.
fn parse_os(specifier: &str, part: &str) -> Result<Platform, PlatformError> {
    let invalid = || PlatformError::OperatingSystem {
        specifier: specifier.to_owned(),
        part: part.to_owned(),
    };
    let (os, options) = match part.split_once('(') {
        None => (part, None),
        Some((os, rest)) => (os, Some(rest.strip_suffix(')').ok_or_else(invalid)?)),
    };
    if os.is_empty() || !os.bytes().all(is_os_byte) {
        return Err(invalid());
    }
    let mut platform = Platform::new(normalize_os(os), "");
    let Some(options) = options else {
        return Ok(platform);
    };
    let mut options = options.split('+');
    let version = options.next().unwrap_or_default();
    if !version.bytes().all(is_option_byte) {
        return Err(invalid());
    }
    platform.os_version = unescape(specifier, version)?;
    for feature in options {
        if feature.is_empty() || !feature.bytes().all(is_option_byte) {
            return Err(invalid());
        }
        platform.os_features.push(unescape(specifier, feature)?);
    }
    Ok(platform)
}

/// Completes a single word with the host's operating system or architecture.
fn complete(mut platform: Platform, word: &str) -> Option<Platform> {
    if is_known_os(&platform.os) {
        let (architecture, variant) = host_architecture();
        architecture.clone_into(&mut platform.architecture);
        if architecture == "arm" && variant != "v7" {
            variant.clone_into(&mut platform.variant);
        }
        return Some(platform);
    }
    set_architecture(&mut platform, word);
    if !is_known_architecture(&platform.architecture) {
        return None;
    }
    host_os().clone_into(&mut platform.os);
    Some(platform)
}

/// Sets an architecture that was written without a variant. The implied `v7` of `arm` is left to
/// [`Platform::normalize`].
fn set_architecture(platform: &mut Platform, architecture: &str) {
    (platform.architecture, platform.variant) = normalize_architecture(architecture, "");
    if platform.architecture == "arm" && platform.variant == "v7" {
        platform.variant.clear();
    }
}

fn is_os_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_option_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%' | b'-')
}

fn is_component(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// Decodes `%XX`. Sequences that give invalid UTF-8 are refused too, since a protobuf string can't
/// hold them.
fn unescape(specifier: &str, option: &str) -> Result<String, PlatformError> {
    let invalid = || PlatformError::Escape {
        specifier: specifier.to_owned(),
        option: option.to_owned(),
    };
    let mut bytes = Vec::with_capacity(option.len());
    let mut rest = option.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2).ok_or_else(invalid)?;
        rest = tail;
        let digits = std::str::from_utf8(digits).map_err(|_| invalid())?;
        // `from_str_radix` alone would accept a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| invalid())?);
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers() {
        for (specifier, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/x86_64", "linux/amd64"),
            ("linux/arm", "linux/arm"),
            ("linux/armhf", "linux/arm"),
            ("linux/armel", "linux/arm/v6"),
            ("linux/arm/v7", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64/v8"),
            ("linux/arm64/9", "linux/arm64/v9"),
            ("macos/arm64", "darwin/arm64"),
            ("plan10/z80", "plan10/z80"),
            ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
            (
                "windows(10.0.1+win32k)/amd64",
                "windows(10.0.1+win32k)/amd64",
            ),
            ("windows(+win32k)/amd64", "windows(+win32k)/amd64"),
            ("linux(%2F+a%2Bb)/amd64", "linux(%2F+a%2Bb)/amd64"),
            ("linux()/amd64", "linux/amd64"),
        ] {
            assert_eq!(
                parse(specifier).map(|platform| platform.to_string()),
                Ok(expected.to_owned()),
                "{specifier}"
            );
        }
    }

    #[test]
    fn lone_words_take_the_host() {
        let host = Platform::host();
        assert_eq!(
            parse("freebsd").map(|p| p.architecture),
            Ok(host.architecture)
        );
        assert_eq!(parse("riscv64").map(|p| p.os), Ok(host.os));
    }

    #[test]
    fn refusals() {
        let text = |specifier: &str| specifier.to_owned();
        for (specifier, expected) in [
            (
                "linux/*",
                PlatformError::Wildcard {
                    specifier: text("linux/*"),
                },
            ),
            (
                "",
                PlatformError::OperatingSystem {
                    specifier: text(""),
                    part: text(""),
                },
            ),
            (
                "lin ux/amd64",
                PlatformError::OperatingSystem {
                    specifier: text("lin ux/amd64"),
                    part: text("lin ux"),
                },
            ),
            (
                "linux(1/amd64",
                PlatformError::OperatingSystem {
                    specifier: text("linux(1/amd64"),
                    part: text("linux(1"),
                },
            ),
            (
                "linux(1+)/amd64",
                PlatformError::OperatingSystem {
                    specifier: text("linux(1+)/amd64"),
                    part: text("linux(1+)"),
                },
            ),
            (
                "linux(%zz)/amd64",
                PlatformError::Escape {
                    specifier: text("linux(%zz)/amd64"),
                    option: text("%zz"),
                },
            ),
            (
                "linux/",
                PlatformError::Component {
                    specifier: text("linux/"),
                    part: text(""),
                },
            ),
            (
                "linux/a b",
                PlatformError::Component {
                    specifier: text("linux/a b"),
                    part: text("a b"),
                },
            ),
            (
                "z80",
                PlatformError::Unknown {
                    specifier: text("z80"),
                },
            ),
            (
                "a/b/c/d/e",
                PlatformError::Component {
                    specifier: text("a/b/c/d/e"),
                    part: text("d/e"),
                },
            ),
            (
                "a/b/c/d",
                PlatformError::TooManyParts {
                    specifier: text("a/b/c/d"),
                },
            ),
        ] {
            assert_eq!(parse(specifier), Err(expected), "{specifier}");
        }
    }
}
