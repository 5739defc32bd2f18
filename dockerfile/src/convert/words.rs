//! Docker's words for what other crates refuse in words of their own.

use buildkit_llb::PlatformError;

use crate::go::quote;

/// What an operating system has to look like, with a version and features.
const OPERATING_SYSTEM: &str =
    r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$";

/// What an architecture or a variant has to look like.
const COMPONENT: &str = "^[A-Za-z0-9_.-]+$";

/// Says what is wrong with a platform (containerd `platforms`, `Parse`).
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

#[cfg(test)]
mod tests {
    use buildkit_llb::Platform;

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
