//! Images of a registry.

use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::checksum::Checksum;
use crate::constraints::{Constrain, Constraints};
use crate::reference::{Reference, ReferenceError};
use crate::state::State;

/// Takes the file system of an image.
///
/// ```
/// use buildkit_llb::{Constrain, Image, ResolveMode};
///
/// let state = Image::new("golang:1.22")?
///     .resolve_mode(ResolveMode::Pull)
///     .on_platform("linux/arm64".parse()?)
///     .named("FROM golang:1.22")
///     .into_state();
/// # let _ = state;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The image's configuration is not known here: a frontend asks its daemon for it, and gives it to
/// [`State::image_config`].
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct Image {
    reference: Reference,
    resolve_mode: ResolveMode,
    record_type: Option<RecordType>,
    layer_limit: Option<u32>,
    checksum: Option<Checksum>,
    constraints: Constraints,
}

/// Chooses where the daemon looks an image up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ResolveMode {
    /// Lets the daemon decide.
    #[default]
    Default,
    /// Asks the registry, even if the daemon has an image of the name. Needs
    /// [`Capability::SourceImageResolveMode`].
    Pull,
    /// Takes what the daemon has, and asks the registry only if it has nothing. Not recorded as a
    /// needed capability, since daemons that don't know it may ignore it.
    PreferLocal,
}

/// Says what the daemon's records of disk use call an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordType {
    /// Marks an image that a user asked for.
    Regular,
    /// Marks an image that software uses for its own purposes, to be removed first.
    Internal,
    /// Marks the image of a frontend.
    Frontend,
}

impl Image {
    /// Names an image. Without tag and digest it is `latest`.
    pub fn new(reference: &str) -> Result<Self, ReferenceError> {
        Ok(Self::from(Reference::parse(reference)?))
    }

    /// Chooses where the daemon looks the image up.
    pub fn resolve_mode(mut self, mode: ResolveMode) -> Self {
        self.resolve_mode = mode;
        self
    }

    /// Sets what records of disk use call the image.
    pub fn record_type(mut self, record_type: RecordType) -> Self {
        self.record_type = Some(record_type);
        self
    }

    /// Takes only the first layers of the image. Needs [`Capability::SourceImageLayerLimit`].
    pub fn layer_limit(mut self, layers: u32) -> Self {
        self.layer_limit = Some(layers);
        self
    }

    /// Fails unless the image's manifest has this checksum. Needs
    /// [`Capability::SourceImageChecksum`]; on older daemons a digest in the reference does the
    /// same.
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// Returns the image's file system. If the image has a platform of its own, what is run on it
    /// has the same.
    pub fn into_state(self) -> State {
        let mut attributes = Attributes::default();
        let needed = &mut attributes.capabilities;
        needed.insert(Capability::SourceImage);
        match self.resolve_mode {
            ResolveMode::Default => {}
            ResolveMode::Pull => {
                needed.insert(Capability::SourceImageResolveMode);
                attributes.set("image.resolvemode", "pull");
            }
            ResolveMode::PreferLocal => attributes.set("image.resolvemode", "local"),
        }
        if let Some(record_type) = self.record_type {
            attributes.set("image.recordtype", record_type.as_str());
        }
        if let Some(layers) = self.layer_limit {
            attributes
                .capabilities
                .insert(Capability::SourceImageLayerLimit);
            attributes.set("image.layerlimit", layers.to_string());
        }
        if let Some(checksum) = self.checksum {
            attributes
                .capabilities
                .insert(Capability::SourceImageChecksum);
            attributes.set("image.checksum", checksum.as_str());
        }
        let reference = self.reference.with_default_tag();
        let identifier = ["docker-image://", reference.as_str()].concat();
        attributes.into_state(SourceKind::Image, identifier, self.constraints)
    }
}

impl RecordType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Internal => "internal",
            Self::Frontend => "frontend",
        }
    }
}

impl From<Reference> for Image {
    fn from(reference: Reference) -> Self {
        Self {
            reference,
            resolve_mode: ResolveMode::default(),
            record_type: None,
            layer_limit: None,
            checksum: None,
            constraints: Constraints::new(),
        }
    }
}

impl Constrain for Image {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}
