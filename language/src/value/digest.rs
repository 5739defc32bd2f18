//! Checksums, digests and commits.

use buildkit_llb::Checksum;

use super::form;

form! {
    /// The checksum of a download: the daemon computes SHA-256 only.
    CHECKSUM: Checksum = sha256_checksum;
    name: "checksum",
    wanted: "`sha256:` and 64 hexadecimal digits; the daemon computes no other checksum of a download",
    pattern: "^sha256:[0-9a-f]{64}$",
    numbers: None,
}

form! {
    /// The digest of a file.
    SHA256: String = sha256;
    name: "digest",
    wanted: "64 hexadecimal digits, as `sha256sum` prints them",
    pattern: "^(sha256:)?[0-9a-fA-F]{64}$",
    numbers: None,
}

form! {
    /// A commit's hash, or how it begins.
    COMMIT: String = commit;
    name: "hash",
    wanted: "the hash of a commit, or at least its first 7 hexadecimal digits",
    pattern: "^[0-9a-fA-F]{7,64}$",
    numbers: Some((0, u64::MAX)),
}

fn sha256_checksum(text: &str) -> Option<Checksum> {
    let checksum = Checksum::parse(text).ok()?;
    (checksum.algorithm() == "sha256").then_some(checksum)
}

fn sha256(text: &str) -> Option<String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    (digits.len() == 64).then(|| hexadecimal(digits)).flatten()
}

fn commit(text: &str) -> Option<String> {
    (7..=64)
        .contains(&text.len())
        .then(|| hexadecimal(text))
        .flatten()
}

/// Parses hexadecimal digits, and converts them to lower case.
fn hexadecimal(text: &str) -> Option<String> {
    let good = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits() {
        let long = "a".repeat(65);
        for (text, expected) in [
            ("0123456", Some("0123456")),
            ("0123456ABCDEF", Some("0123456abcdef")),
            (&long[..40], Some(&long[..40])),
            ("012345", None),
            ("012345g", None),
            (&long, None),
        ] {
            assert_eq!(commit(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn checksums_of_downloads_are_of_sha_256() {
        let (short, long) = ("a".repeat(64), "a".repeat(128));
        assert!(sha256_checksum(&format!("sha256:{short}")).is_some());
        assert!(sha256_checksum(&format!("sha512:{long}")).is_none());
        assert_eq!(
            sha256(&format!("sha256:{}", short.to_uppercase())),
            Some(short)
        );
        assert_eq!(sha256(&long), None);
    }
}
