//! Content addressed by its digest.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Content of an image, with its media type and digest.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    media_type: &'static str,
    digest: String,
    bytes: Vec<u8>,
}

/// A reference to a [`Blob`] in OCI documents.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    media_type: &'static str,
    digest: String,
    size: usize,
}

impl Blob {
    /// Creates content with a media type.
    pub(crate) fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            media_type,
            digest: digest(&bytes),
            bytes,
        }
    }

    /// Creates content from a document as JSON.
    pub(crate) fn json(
        media_type: &'static str,
        document: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self::new(media_type, serde_json::to_vec(document)?))
    }

    /// Returns the digest, such as `sha256:0123…`.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the content.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the path of the content in a layout, relative to its root.
    pub(crate) fn path(&self) -> String {
        format!("blobs/{}", self.digest.replace(':', "/"))
    }

    /// Returns the reference to this content for other documents.
    pub(crate) fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type,
            digest: self.digest.clone(),
            size: self.bytes.len(),
        }
    }
}

/// Returns the SHA-256 digest of `bytes` in OCI's notation.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_lower_case_hexadecimal() {
        assert_eq!(
            digest(b""),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_blob_lies_under_its_algorithm() {
        let blob = Blob::new("text/plain", b"hello".to_vec());
        assert_eq!(
            blob.path(),
            "blobs/sha256/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
    }
}
