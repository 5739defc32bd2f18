//! The platforms of images and processes, with containerd's spelling rules.

mod normalize;
mod parse;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::path;

pub use parse::PlatformError;

/// An operating system and a processor architecture, such as `linux/arm64` or
/// `windows(10.0.17763)/amd64`.
///
/// Spelling rules are those of containerd's `platforms` package, which all of BuildKit uses. Two of
/// them are surprising:
///
/// - [`Platform::parse`] and [`Platform::normalize`] do not agree: `linux/arm` parses without a
///   variant but normalizes to `v7`, and `linux/arm64/v8` keeps its variant until it is normalized.
/// - An operation that is *given* a platform carries it unchanged, while a platform that a
///   [`State`](crate::State) *inherits* is normalized first. Both spellings occur in encoded
///   operations.
///
/// ```
/// use buildkit_llb::Platform;
///
/// let platform: Platform = "linux/aarch64".parse()?;
/// assert_eq!(platform.to_string(), "linux/arm64");
/// assert_eq!(Platform::new("linux", "arm").normalize().to_string(), "linux/arm/v7");
/// # Ok::<(), buildkit_llb::PlatformError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system, by its Go name: `linux`, `windows`, `darwin`, `freebsd`…
    pub os: String,
    /// The processor architecture, by its Go name: `amd64`, `arm64`, `arm`, `386`, `riscv64`…
    pub architecture: String,
    /// The architecture's variant, such as `v7` for `arm`; empty if there is none.
    pub variant: String,
    /// The version of the operating system, which only Windows images need; usually empty.
    pub os_version: String,
    /// Features that the operating system must have, such as `win32k`; usually empty.
    pub os_features: Vec<String>,
}

impl Platform {
    /// Creates a platform from an operating system and an architecture, without normalizing them.
    pub fn new(os: impl Into<String>, architecture: impl Into<String>) -> Self {
        Self {
            os: os.into(),
            architecture: architecture.into(),
            ..Self::default()
        }
    }

    /// Sets the variant, without normalizing it.
    #[must_use]
    pub fn with_variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = variant.into();
        self
    }

    /// Returns the platform that this library runs on, normalized.
    pub fn host() -> Self {
        let (architecture, variant) = normalize::host_architecture();
        Self::new(normalize::host_os(), architecture)
            .with_variant(variant)
            .normalize()
    }

    /// Parses `os`, `architecture`, `os/architecture` or `os/architecture/variant`, where `os` may
    /// have a version and features in parentheses: `windows(10.0.17763+win32k)/amd64`.
    ///
    /// An operating system alone gets the host's architecture, and an architecture alone the host's
    /// operating system. Aliases are resolved (`x86_64`, `aarch64`, `armhf`, `macos`).
    pub fn parse(specifier: &str) -> Result<Self, PlatformError> {
        parse::parse(specifier)
    }

    /// Returns the platform in its canonical spelling: lower case, aliases resolved, default
    /// variants left out or filled in, features sorted and deduplicated.
    #[must_use]
    pub fn normalize(&self) -> Self {
        normalize::normalize(self)
    }

    /// Like [`Platform::normalize`], but shares a platform that is normalized already.
    pub(crate) fn normalize_shared(self: &Arc<Self>) -> Arc<Self> {
        if normalize::is_usual(self) {
            Arc::clone(self)
        } else {
            Arc::new(self.normalize())
        }
    }

    /// Formats the platform without version and features of the operating system, as in progress
    /// output and in the short form of the automatic build argument `TARGETPLATFORM`.
    pub fn short(&self) -> String {
        if self.os.is_empty() {
            return "unknown".to_owned();
        }
        path::join(&[&self.os, &self.architecture, &self.variant])
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(specifier: &str) -> Result<Self, Self::Err> {
        Self::parse(specifier)
    }
}

/// Formats the full platform: `os(version+feature)/architecture/variant`, or `unknown` without an
/// operating system. For a normalized platform, this is the *platform ID* that keys multi-platform
/// results.
impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let features = self.formatted_features();
        if self.os.is_empty() || (self.os_version.is_empty() && features.is_empty()) {
            return formatter.write_str(&self.short());
        }
        let mut os = format!("{}({}", self.os, escape(&self.os_version));
        if !features.is_empty() {
            os.push('+');
            os.push_str(&features);
        }
        os.push(')');
        formatter.write_str(&path::join(&[&os, &self.architecture, &self.variant]))
    }
}

impl Platform {
    fn formatted_features(&self) -> String {
        let mut features: Vec<&str> = self.os_features.iter().map(String::as_str).collect();
        features.sort_unstable();
        features.dedup();
        features.retain(|feature| !feature.is_empty());
        features
            .into_iter()
            .map(escape)
            .collect::<Vec<_>>()
            .join("+")
    }
}

/// Escapes the characters that separate the parts of a formatted operating system.
fn escape(option: &str) -> Cow<'_, str> {
    if !option.contains(['%', '+', '(', ')', '/']) {
        return Cow::Borrowed(option);
    }
    let mut escaped = String::with_capacity(option.len() + 8);
    for character in option.chars() {
        match character {
            '%' => escaped.push_str("%25"),
            '+' => escaped.push_str("%2B"),
            '(' => escaped.push_str("%28"),
            ')' => escaped.push_str("%29"),
            '/' => escaped.push_str("%2F"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_escapes_and_sorts() {
        let platform = Platform {
            os: "windows".into(),
            architecture: "amd64".into(),
            os_version: "10.0/1".into(),
            os_features: vec!["b+".into(), "a".into(), "a".into(), String::new()],
            ..Platform::default()
        };
        assert_eq!(platform.to_string(), "windows(10.0%2F1+a+b%2B)/amd64");
        assert_eq!(platform.short(), "windows/amd64");
    }

    #[test]
    fn display_without_os_is_unknown() {
        assert_eq!(Platform::new("", "amd64").to_string(), "unknown");
    }

    #[test]
    fn display_with_only_empty_features_has_no_parentheses_left() {
        let platform = Platform {
            os: "linux".into(),
            architecture: "amd64".into(),
            os_features: vec![String::new()],
            ..Platform::default()
        };
        assert_eq!(platform.to_string(), "linux/amd64");
    }

    #[test]
    fn host_is_normalised() {
        assert_eq!(Platform::host(), Platform::host().normalize());
    }
}
