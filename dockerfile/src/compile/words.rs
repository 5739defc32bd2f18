//! Docker's messages for errors of other crates.

use buildkit_llb::{ChecksumError, PlatformError};

use crate::go::quote;

/// The required form of an operating system with version and features.
const OPERATING_SYSTEM: &str =
    r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$";

/// The required form of an architecture or a variant.
const COMPONENT: &str = "^[A-Za-z0-9_.-]+$";

/// Returns the message for an invalid platform (containerd `platforms`, `Parse`).
pub(super) fn platform(error: &PlatformError) -> String {
    let words = match error {
        PlatformError::Wildcard { specifier } => {
            format!("{}: wildcards not yet supported", quote(specifier))
        }
        PlatformError::OperatingSystem { specifier, part } => format!(
            "{} is an invalid OS component of {}: OSAndVersion specifier component must match {}",
            quote(part),
            quote(specifier),
            quote(OPERATING_SYSTEM)
        ),
        PlatformError::Escape { specifier, option } => {
            return format!(
                "{} has an invalid OS version {}: invalid URL escape",
                quote(specifier),
                quote(option)
            );
        }
        PlatformError::Component { specifier, part } => format!(
            "{} is an invalid component of {}: platform specifier component must match {}",
            quote(part),
            quote(specifier),
            quote(COMPONENT)
        ),
        PlatformError::Unknown { specifier } => {
            format!(
                "{}: unknown operating system or architecture",
                quote(specifier)
            )
        }
        PlatformError::TooManyParts { specifier } => {
            format!("{}: cannot parse platform specifier", quote(specifier))
        }
        other => return other.to_string(),
    };
    format!("{words}: invalid argument")
}

/// Returns the short and the detailed message for an invalid checksum (`go-digest`).
pub(super) fn checksum(error: &ChecksumError) -> String {
    let words = match error {
        ChecksumError::Algorithm { .. } => "unsupported digest algorithm",
        ChecksumError::Length { .. } => "invalid checksum digest length",
        _ => "invalid checksum digest format",
    };
    format!("{words}: {error}")
}

/// The maximum length of a repository's name in characters.
const MAX_NAME_LENGTH: usize = 255;

/// Returns the message for an invalid image reference (distribution `reference`, `ParseNormalizedNamed`).
pub(super) fn reference(name: &str) -> String {
    let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if name.len() == 64 && name.bytes().all(is_hexadecimal) {
        return format!(
            "invalid repository name ({name}), cannot specify 64-byte hexadecimal strings"
        );
    }
    let remote = remote(name);
    let remote = remote.split(':').next().unwrap_or_default();
    if remote.to_lowercase() != remote {
        format!("invalid reference format: repository name ({remote}) must be lowercase")
    } else if remote.len() > MAX_NAME_LENGTH {
        format!("repository name must not be more than {MAX_NAME_LENGTH} characters")
    } else {
        "invalid reference format".to_owned()
    }
}

/// Returns an image reference without its registry, with Docker Hub's prefix for names of one part.
fn remote(name: &str) -> String {
    let hub = |remote: &str| {
        if remote.contains('/') {
            remote.to_owned()
        } else {
            format!("library/{remote}")
        }
    };
    match name.split_once('/') {
        None => hub(name),
        Some(("docker.io" | "index.docker.io", remote)) => hub(remote),
        Some((domain, remote))
            if domain == "localhost"
                || domain.contains(['.', ':'])
                || domain.to_lowercase() != domain =>
        {
            remote.to_owned()
        }
        Some(_) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Checksum, Platform, Reference};

    #[test]
    fn checksums_are_refused_in_dockers_words() {
        let digits = "0".repeat(64);
        for (text, expected) in [
            ("nothing".to_owned(), "invalid checksum digest format: "),
            (format!("md5:{digits}"), "unsupported digest algorithm: "),
            ("sha256:0a".to_owned(), "invalid checksum digest length: "),
            (
                format!("sha256:{}", digits.replacen('0', "G", 1)),
                "invalid checksum digest format: ",
            ),
        ] {
            let words = super::checksum(&Checksum::parse(&text).unwrap_err());
            assert!(words.starts_with(expected), "{words}");
        }
    }

    #[test]
    fn images_are_refused_in_dockers_words() {
        let lower = |remote: &str| {
            format!("invalid reference format: repository name ({remote}) must be lowercase")
        };
        let long = "a".repeat(260);
        let hexadecimal = "0a".repeat(32);
        for (name, expected) in [
            ("Build", lower("library/Build")),
            ("Build:1.2", lower("library/Build")),
            ("docker.io/Build", lower("library/Build")),
            ("team/App", lower("team/App")),
            ("localhost/App", lower("App")),
            ("example.com/team/App", lower("team/App")),
            ("Example/App", lower("App")),
            ("a b", "invalid reference format".to_owned()),
            ("Example/app!", "invalid reference format".to_owned()),
            (
                long.as_str(),
                "repository name must not be more than 255 characters".to_owned(),
            ),
            (
                hexadecimal.as_str(),
                format!(
                    "invalid repository name ({hexadecimal}), cannot specify 64-byte hexadecimal strings"
                ),
            ),
        ] {
            assert!(Reference::parse(name).is_err(), "{name}");
            assert_eq!(super::reference(name), expected, "{name}");
        }
    }

    #[test]
    fn platforms_are_refused_in_dockers_words() {
        for (specifier, expected) in [
            (
                "linux/*",
                r#""linux/*": wildcards not yet supported: invalid argument"#,
            ),
            (
                "lin ux/amd64",
                r#""lin ux" is an invalid OS component of "lin ux/amd64": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$": invalid argument"#,
            ),
            (
                "linux(%zz)/amd64",
                r#""linux(%zz)/amd64" has an invalid OS version "%zz": invalid URL escape"#,
            ),
            (
                "linux/",
                r#""" is an invalid component of "linux/": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument"#,
            ),
            (
                "z80",
                r#""z80": unknown operating system or architecture: invalid argument"#,
            ),
            (
                "a/b/c/d",
                r#""a/b/c/d": cannot parse platform specifier: invalid argument"#,
            ),
        ] {
            let error = Platform::parse(specifier).unwrap_err();
            assert_eq!(super::platform(&error), expected);
        }
    }
}
