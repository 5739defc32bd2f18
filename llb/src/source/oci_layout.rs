//! Images in the client's OCI layouts.

use thiserror::Error;

use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// The file system of an image in one of the client's OCI layouts. Needs
/// [`Capability::SourceOciLayout`].
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct OciLayout {
    reference: String,
    session: String,
    store: String,
    layer_limit: Option<u32>,
    constraints: Constraints,
}

/// The error returned when a reference doesn't name an image in an OCI layout: it has neither a tag
/// nor a digest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{reference}` names no image of an OCI layout; expected name:tag or name@digest")]
pub struct OciLayoutError {
    /// The reference.
    pub reference: String,
}

impl OciLayout {
    /// Creates a source for an image in a layout, given as `name:tag` or preferably as
    /// `name@digest`. The name isn't normalized.
    pub fn new(reference: impl Into<String>) -> Result<Self, OciLayoutError> {
        let reference = reference.into();
        let object = reference
            .find([':', '@'])
            .map(|start| &reference[start + 1..]);
        if object.is_none_or(str::is_empty) {
            return Err(OciLayoutError { reference });
        }
        Ok(Self {
            reference,
            session: String::new(),
            store: String::new(),
            layer_limit: None,
            constraints: Constraints::new(),
        })
    }

    /// Sets the ID of the session whose client has the layout.
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = id.into();
        self
    }

    /// Sets the ID of the layout, instead of the image's name.
    pub fn store(mut self, id: impl Into<String>) -> Self {
        self.store = id.into();
        self
    }

    /// Limits the file system to the first layers of the image.
    pub fn layer_limit(mut self, layers: u32) -> Self {
        self.layer_limit = Some(layers);
        self
    }

    /// Returns the image's file system. If the image has its own platform, processes that run on it
    /// have the same.
    pub fn into_state(self) -> State {
        let mut attributes = Attributes::default();
        attributes.capabilities.insert(Capability::SourceOciLayout);
        attributes.set_text("oci.session", &self.session);
        attributes.set_text("oci.store", &self.store);
        if let Some(layers) = self.layer_limit {
            attributes.set("oci.layerlimit", layers.to_string());
        }
        let identifier = format!("oci-layout://{}", self.reference);
        attributes.into_state(SourceKind::Image, identifier, self.constraints)
    }
}

impl Constrain for OciLayout {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_an_image() {
        for (reference, valid) in [
            ("example.com/app:1", true),
            ("app@sha256:abab", true),
            ("app", false),
            ("app:", false),
            ("", false),
        ] {
            assert_eq!(OciLayout::new(reference).is_ok(), valid, "{reference}");
        }
    }
}
