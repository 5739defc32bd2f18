//! Parsing of references (distribution `reference`, `ParseNormalizedNamed`).

use thiserror::Error;

use super::grammar::{is_digest, is_domain, is_path, is_tag};
use super::{DEFAULT_DOMAIN, OFFICIAL_PREFIX, Reference};
use crate::checksum::{Checksum, ChecksumError};

/// The maximum length of a repository's path, in bytes.
const MAXIMUM_PATH: usize = 255;

/// The reason why a string is not an image reference.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text is not of the form of a reference. Common causes are spaces, an empty tag after a
    /// colon, and a URL scheme.
    #[error("`{text}` is not an image reference; expected [registry/]repository[:tag][@digest]")]
    Format {
        /// The text that was read.
        text: String,
    },
    /// The repository has upper-case letters, which registries do not allow.
    #[error("the repository in image reference `{text}` must be lower case")]
    UpperCase {
        /// The text that was read.
        text: String,
    },
    /// The text is 64 hexadecimal digits: an image ID, which doesn't name an image in a registry.
    #[error("`{text}` is an image ID, not a reference")]
    Identifier {
        /// The text that was read.
        text: String,
    },
    /// The repository's path is longer than 255 bytes.
    #[error("the repository in image reference `{text}` is longer than 255 characters")]
    TooLong {
        /// The text that was read.
        text: String,
    },
    /// The digest is malformed.
    #[error("the digest of image reference `{text}` is invalid")]
    Digest {
        /// The text that was read.
        text: String,
        /// What is wrong with it.
        source: ChecksumError,
    },
}

pub(super) fn parse(text: &str) -> Result<Reference, ReferenceError> {
    let owned = || text.to_owned();
    if text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Err(ReferenceError::Identifier { text: owned() });
    }
    let (domain, prefix, remainder) = split_domain(text);
    let repository = remainder.split(':').next().unwrap_or_default();
    let is_changed = |character: char| {
        if character.is_ascii() {
            character.is_ascii_uppercase()
        } else {
            character.to_lowercase().ne([character])
        }
    };
    if repository.chars().any(is_changed) {
        return Err(ReferenceError::UpperCase { text: owned() });
    }
    let canonical = [domain, "/", prefix, remainder].concat();
    let Some(parts) = split(&canonical) else {
        let lowered = split(&canonical.to_lowercase()).is_some();
        return Err(if lowered {
            ReferenceError::UpperCase { text: owned() }
        } else {
            ReferenceError::Format { text: owned() }
        });
    };
    if parts.path.len() > MAXIMUM_PATH {
        return Err(ReferenceError::TooLong { text: owned() });
    }
    let digest = parts
        .digest
        .map(Checksum::parse)
        .transpose()
        .map_err(|source| ReferenceError::Digest {
            text: owned(),
            source,
        })?;
    let domain = parts.domain.len();
    let path = domain + usize::from(domain > 0) + parts.path.len();
    Ok(Reference {
        domain,
        path,
        tag: path + parts.tag.map_or(0, |tag| tag.len() + 1),
        digest,
        text: canonical,
    })
}

/// Finds the registry: the first component if it can only be a host, else Docker Hub. Returns the
/// registry, the implied beginning of the path, and the rest of the text.
fn split_domain(text: &str) -> (&str, &'static str, &str) {
    let (domain, remainder) = match text.split_once('/') {
        Some(("index.docker.io", rest)) => (DEFAULT_DOMAIN, rest),
        Some((first, rest)) if is_host(first) => (first, rest),
        None | Some(_) => (DEFAULT_DOMAIN, text),
    };
    if domain == DEFAULT_DOMAIN && !remainder.contains('/') {
        return (domain, OFFICIAL_PREFIX, remainder);
    }
    (domain, "", remainder)
}

/// A path component has neither colons nor upper-case letters, and for Docker a component with a
/// dot is a host too.
fn is_host(component: &str) -> bool {
    component == "localhost"
        || component.contains(['.', ':'])
        || if component.is_ascii() {
            component.bytes().any(|byte| byte.is_ascii_uppercase())
        } else {
            component.to_lowercase() != component
        }
}

struct Parts<'a> {
    domain: &'a str,
    path: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Splits a reference, or returns `None` if the grammar refuses it.
fn split(text: &str) -> Option<Parts<'_>> {
    let (tagged, digest) = match text.split_once('@') {
        Some((tagged, digest)) if is_digest(digest) => (tagged, Some(digest)),
        Some(_) => return None,
        None => (text, None),
    };
    // A colon after the last slash starts the tag; an earlier one starts the registry's port.
    let colon = tagged
        .rfind(':')
        .filter(|&colon| !tagged[colon..].contains('/'));
    let (name, tag) = match colon {
        Some(colon) => (&tagged[..colon], Some(&tagged[colon + 1..])),
        None => (tagged, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return None;
    }
    let (domain, path) = match name.split_once('/') {
        Some((domain, path)) if is_domain(domain) && is_path(path) => (domain, path),
        _ if is_path(name) => ("", name),
        _ => return None,
    };
    Some(Parts {
        domain,
        path,
        tag,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for (text, expected) in [
            ("alpine", "docker.io/library/alpine"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("user/app", "docker.io/user/app"),
            ("docker.io/alpine", "docker.io/library/alpine"),
            ("index.docker.io/alpine", "docker.io/library/alpine"),
            ("index.docker.io/a/b", "docker.io/a/b"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/app:v1", "localhost:5000/app:v1"),
            ("reg.example/a/b/c", "reg.example/a/b/c"),
            ("[::1]:5000/app", "[::1]:5000/app"),
            ("Host/app", "Host/app"),
            ("a__b/c--d_e.f", "docker.io/a__b/c--d_e.f"),
            ("a_b.c/x", "a_b.c/x"),
            ("app:a_B.c-1", "docker.io/library/app:a_B.c-1"),
            (
                &format!("app@{digest}"),
                &format!("docker.io/library/app@{digest}"),
            ),
            (
                &format!("app:1@{digest}"),
                &format!("docker.io/library/app:1@{digest}"),
            ),
        ] {
            assert_eq!(
                parse(text).map(|reference| reference.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn refusals() {
        let long = "a/".repeat(128) + "a";
        for (text, kind) in [
            ("", "format"),
            (" alpine", "format"),
            ("alpine:", "format"),
            ("alpine:-x", "format"),
            ("https://example.com/app", "format"),
            ("a..b/c_-d", "format"),
            ("app@sha256:abc", "format"),
            ("Alpine", "case"),
            ("reg.example/App", "case"),
            (&"ab".repeat(32), "identifier"),
            (&long, "length"),
            (&format!("app@md5:{}", "ab".repeat(16)), "digest"),
            (&format!("app@sha256:{}", "AB".repeat(32)), "digest"),
        ] {
            let actual = match parse(text) {
                Ok(_) => "ok",
                Err(ReferenceError::Format { .. }) => "format",
                Err(ReferenceError::UpperCase { .. }) => "case",
                Err(ReferenceError::Identifier { .. }) => "identifier",
                Err(ReferenceError::TooLong { .. }) => "length",
                Err(ReferenceError::Digest { .. }) => "digest",
            };
            assert_eq!(actual, kind, "{text}");
        }
    }

    #[test]
    fn forms() {
        let parsed = |text| parse(text).expect("valid");
        assert_eq!(
            parsed("alpine").with_default_tag().to_string(),
            "docker.io/library/alpine:latest"
        );
        assert_eq!(parsed("alpine:1").with_default_tag().tag(), Some("1"));
        assert_eq!(parsed("docker.io/library/alpine").familiar(), "alpine");
        assert_eq!(parsed("docker.io/library/a/b").familiar(), "library/a/b");
        assert_eq!(parsed("user/app:2").familiar(), "user/app:2");
        assert_eq!(parsed("r.io/app").familiar(), "r.io/app");
        assert_eq!(parsed("r.io/app:2").name(), "r.io/app");
        let pinned = parsed("app:1").with_digest(Checksum::from(crate::Digest::of(b"")));
        assert!(pinned.digest().is_some());
        assert_eq!(pinned.without_digest(), parsed("app:1"));
    }
}
