//! Look-ups that a compilation needs.

use std::sync::Arc;

use buildkit_gateway::ImageConfig;
use buildkit_gateway::context::ContextFiles;
use buildkit_llb::{Platform, Reference, State};

/// A look-up that a compilation needs. All needs that are returned at one time can be looked up
/// concurrently.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Need {
    /// The time of the build, from the source given in the build argument `SOURCE_DATE_EPOCH`.
    Epoch(EpochSource),
    /// A base image.
    Image {
        /// The image's reference.
        reference: Reference,
        /// The platform of the image.
        platform: Arc<Platform>,
        /// The name shown in progress output.
        name: String,
        /// The stages to pass to [`Answer`]. There is at least one.
        stages: Vec<StageIndex>,
    },
    /// The named context with a name, if the client provides one.
    Context {
        /// The name.
        name: String,
        /// The platform of the context.
        platform: Option<Platform>,
        /// The stage to pass to [`Answer`].
        stage: StageIndex,
    },
}

/// A stage of a compilation, or an image that is copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageIndex(pub(super) usize);

/// The source of the build's time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EpochSource {
    /// The build context.
    Context,
    /// A named context.
    Named(String),
    /// The download of a stage.
    Source {
        /// The download, as a single source.
        state: State,
        /// The name shown in progress output.
        name: String,
    },
}

/// The answer to a [`Need`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// The time, in seconds since 1970; `None` if the source has none.
    Epoch(Option<i64>),
    /// An image, or the daemon's error.
    Image(Vec<StageIndex>, Result<ResolvedImage, String>),
    /// A named context.
    Context(StageIndex, ResolvedContext),
}

/// A resolved image.
#[derive(Clone, Debug)]
pub struct ResolvedImage {
    /// The image's reference, pinned to its digest if possible.
    pub reference: Reference,
    /// The image's config.
    pub config: ImageConfig,
}

/// A resolved named context.
#[derive(Clone, Debug)]
pub struct ResolvedContext {
    /// The context's files.
    pub files: ContextFiles,
    /// The image's config, if the context is an image.
    pub image: Option<ImageConfig>,
}
