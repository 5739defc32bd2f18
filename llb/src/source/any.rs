//! Sources of any kind.

use std::collections::BTreeMap;

use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// A source given by its identifier and attributes as they are on the wire: for schemes that this
/// crate doesn't know, or for a source that a daemon or a policy specified.
///
/// ```
/// use buildkit_llb::{AnySource, State};
///
/// let model = AnySource::new("huggingface://example/model").attribute("revision", "main");
/// let state = State::image("alpine")?;
/// let state = state.file(buildkit_llb::Copy::new(&model.into_state(), "/", "/model"));
/// # let _ = state;
/// # Ok::<(), buildkit_llb::Error>(())
/// ```
///
/// No capabilities are recorded except those that Go records for every source, since this crate
/// can't know what other schemes need.
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct AnySource {
    identifier: String,
    attributes: BTreeMap<String, String>,
    constraints: Constraints,
}

impl AnySource {
    /// Creates a source from its identifier, including the scheme:
    /// `docker-image://docker.io/library/alpine:latest`.
    pub fn new(identifier: impl Into<String>) -> Self {
        Self {
            identifier: identifier.into(),
            attributes: BTreeMap::new(),
            constraints: Constraints::new(),
        }
    }

    /// Sets an attribute.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(key.into(), value.into());
        self
    }

    /// Sets several attributes.
    pub fn attributes(
        mut self,
        attributes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let attributes = attributes.into_iter();
        self.attributes
            .extend(attributes.map(|(key, value)| (key.into(), value.into())));
        self
    }

    /// Returns the source's content.
    pub fn into_state(mut self) -> State {
        let is_local = self.identifier.starts_with("local://");
        let kind = if self.identifier.starts_with("docker-image://") {
            SourceKind::Image
        } else if is_local && !self.attributes.contains_key("local.session") {
            SourceKind::SharedLocal(self.attributes.remove("local.unique"))
        } else {
            SourceKind::Other
        };
        let mut attributes = Attributes::default();
        if matches!(kind, SourceKind::SharedLocal(_)) {
            attributes
                .capabilities
                .insert(Capability::SourceLocalUnique);
        }
        for (key, value) in self.attributes {
            attributes.set(key, value);
        }
        attributes.into_state(kind, self.identifier, self.constraints)
    }
}

impl Constrain for AnySource {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Image, Local, MarshalOptions, Platform};

    #[test]
    fn bytes_are_those_of_the_typed_sources() {
        // Shared by both, since each set of options has its own unique ID.
        let options = MarshalOptions::new();
        let bytes = |state: State| state.marshal(&options).operations()[0].clone();

        let arm = Platform::new("linux", "arm64");
        let image = Image::new("alpine")
            .expect("a reference")
            .on_platform(arm.clone());
        let any = AnySource::new("docker-image://docker.io/library/alpine:latest");
        let any = any.on_platform(arm);
        assert_eq!(bytes(any.into_state()), bytes(image.into_state()));

        let any = AnySource::new("local://c").attribute("local.sharedkeyhint", "h");
        let local = Local::new("c").shared_key_hint("h");
        let unique = any.clone().attribute("local.unique", "u");
        assert_eq!(bytes(any.into_state()), bytes(local.clone().into_state()));
        let local = local.unique_id("u");
        assert_eq!(bytes(unique.into_state()), bytes(local.into_state()));
    }

    #[test]
    fn attributes_stay_in_order() {
        let any = AnySource::new("local://c")
            .attribute("zone", "1")
            .attribute("a", "2");
        let text = any.into_state().marshal(&MarshalOptions::new());
        let text = String::from_utf8_lossy(&text.operations()[0]).into_owned();
        let place = |key: &str| text.find(key).expect(key);
        assert!(place("a") < place("local.unique"), "{text}");
        assert!(place("local.unique") < place("zone"), "{text}");
    }
}
