//! Single blobs as files.

use thiserror::Error;

use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::reference::{Reference, ReferenceError};
use crate::state::State;

/// A single blob of a registry or of an OCI layout, as a file in an otherwise empty file system.
/// Needs [`Capability::SourceImageBlob`].
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct Blob {
    origin: Origin,
    reference: Reference,
    pub(super) file: FileAttributes,
    constraints: Constraints,
}

#[derive(Clone, Debug)]
enum Origin {
    Registry,
    OciLayout { session: String, store: String },
}

/// The reason why a reference doesn't name a blob.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The reference is invalid.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The reference has a tag, but tags name images.
    #[error("blob reference `{reference}` has a tag; expected repository@digest")]
    Tagged {
        /// The reference.
        reference: String,
    },
    /// The reference has no digest.
    #[error("blob reference `{reference}` has no digest; expected repository@digest")]
    NoDigest {
        /// The reference.
        reference: String,
    },
}

impl Blob {
    /// Creates a source for a blob in a registry, given as `repository@digest`.
    pub fn image(reference: &str) -> Result<Self, BlobError> {
        Self::new(Origin::Registry, reference)
    }

    /// Creates a source for a blob in one of the client's OCI layouts, given as `name@digest`. The
    /// daemon needs the ID of the layout. The session is that of the client that started the build,
    /// unless [`Blob::session`] is called.
    pub fn oci_layout(reference: &str, store: impl Into<String>) -> Result<Self, BlobError> {
        let origin = Origin::OciLayout {
            session: String::new(),
            store: store.into(),
        };
        Self::new(origin, reference)
    }

    fn new(origin: Origin, reference: &str) -> Result<Self, BlobError> {
        let owned = || reference.to_owned();
        let parsed = Reference::parse(reference)?;
        if parsed.tag().is_some() {
            return Err(BlobError::Tagged { reference: owned() });
        }
        if parsed.digest().is_none() {
            return Err(BlobError::NoDigest { reference: owned() });
        }
        Ok(Self {
            origin,
            reference: parsed,
            file: FileAttributes::default(),
            constraints: Constraints::new(),
        })
    }

    /// Sets the ID of the session whose client has the OCI layout. Has no effect on a registry.
    pub fn session(mut self, id: impl Into<String>) -> Self {
        if let Origin::OciLayout { session, .. } = &mut self.origin {
            *session = id.into();
        }
        self
    }

    /// Sets the name of the file.
    pub fn filename(mut self, filename: impl Into<String>) -> Self {
        self.file.filename = filename.into();
        self
    }

    /// Sets the permissions of the file, of which only the lower nine bits are used.
    pub fn mode(mut self, mode: u32) -> Self {
        self.file.mode = mode & 0o777;
        self
    }

    /// Sets the owner of the file.
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        (self.file.uid, self.file.gid) = (uid, gid);
        self
    }

    /// Returns the file system that contains the file.
    pub fn into_state(self) -> State {
        let mut attributes = Attributes::default();
        attributes.capabilities.insert(Capability::SourceImageBlob);
        self.file.set(&mut attributes);
        let scheme = match &self.origin {
            Origin::Registry => "docker-image+blob",
            Origin::OciLayout { session, store } => {
                attributes.set_text("oci.session", session);
                attributes.set_text("oci.store", store);
                "oci-layout+blob"
            }
        };
        let identifier = format!("{scheme}://{}", self.reference);
        attributes.into_state(SourceKind::Other, identifier, self.constraints)
    }
}

impl Constrain for Blob {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

/// Attributes of a single fetched file. Zero and empty values leave the choice to the daemon.
#[derive(Clone, Debug, Default)]
pub(super) struct FileAttributes {
    pub(super) filename: String,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl FileAttributes {
    pub(super) fn set(&self, attributes: &mut Attributes) {
        attributes.set_text("http.filename", &self.filename);
        if self.mode != 0 {
            attributes.set("http.perm", format!("0{:o}", self.mode));
        }
        for (key, id) in [("http.uid", self.uid), ("http.gid", self.gid)] {
            if id != 0 {
                attributes.set(key, id.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_name_blobs() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        assert!(Blob::image(&format!("app@{digest}")).is_ok());
        assert!(matches!(
            Blob::image(&format!("app:1@{digest}")),
            Err(BlobError::Tagged { .. })
        ));
        assert!(matches!(
            Blob::oci_layout("app", "s"),
            Err(BlobError::NoDigest { .. })
        ));
        assert!(matches!(Blob::image("App"), Err(BlobError::Reference(_))));
    }
}
