//! Images in registries.

use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::checksum::Checksum;
use crate::constraints::{Constrain, Constraints};
use crate::reference::{Reference, ReferenceError};
use crate::state::State;

/// The file system of an image.
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
/// The image's configuration isn't known here: a frontend asks its daemon for it, and passes it to
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

/// How the daemon resolves an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ResolveMode {
    /// Lets the daemon decide.
    #[default]
    Default,
    /// Always asks the registry, even if the daemon has an image with this name. Needs
    /// [`Capability::SourceImageResolveMode`].
    Pull,
    /// Uses the daemon's image if there is one, and asks the registry only otherwise. The
    /// capability isn't recorded as needed, since daemons that don't know it may ignore it.
    PreferLocal,
}

/// The type of an image in the daemon's disk usage records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordType {
    /// An image that a user asked for.
    Regular,
    /// An image that software uses internally, to be removed first.
    Internal,
    /// The image of a frontend.
    Frontend,
}

impl Image {
    /// Creates a source for an image. The tag defaults to `latest` if there is neither a tag nor a
    /// digest.
    pub fn new(reference: &str) -> Result<Self, ReferenceError> {
        Ok(Self::from(Reference::parse(reference)?))
    }

    /// Sets how the daemon resolves the image.
    pub fn resolve_mode(mut self, mode: ResolveMode) -> Self {
        self.resolve_mode = mode;
        self
    }

    /// Sets the image's type in disk usage records.
    pub fn record_type(mut self, record_type: RecordType) -> Self {
        self.record_type = Some(record_type);
        self
    }

    /// Limits the file system to the first layers of the image. Needs
    /// [`Capability::SourceImageLayerLimit`].
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

    /// Returns the image's file system. If the image has its own platform, processes that run on it
    /// have the same.
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
