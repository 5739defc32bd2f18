//! What has to be known before a file can be converted.

use std::sync::Arc;

use buildkit_gateway::ImageConfig;
use buildkit_gateway::context::ContextFiles;
use buildkit_llb::{Platform, Reference, State};

/// Something that has to be known before a file can be converted. Everything that is needed at one time can be looked up
/// at the same time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Need {
    /// The time of the build, which the build argument `SOURCE_DATE_EPOCH` takes from a source.
    Epoch(EpochSource),
    /// An image that stages start from.
    Image {
        /// The image.
        reference: Reference,
        /// Which of its platforms.
        platform: Arc<Platform>,
        /// What progress shows meanwhile.
        name: String,
        /// The stages, as [`Answer`]s name them. There is at least one.
        stages: Vec<StageIndex>,
    },
    /// What the client says that a name stands for.
    Context {
        /// The name.
        name: String,
        /// For which platform.
        platform: Option<Platform>,
        /// The stage, as [`Answer`]s name it.
        stage: StageIndex,
    },
}

/// A stage of a conversion, or an image that is copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageIndex(pub(super) usize);

/// Where the time of the build is from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EpochSource {
    /// The build context.
    Context,
    /// A named context.
    Named(String),
    /// What a stage downloads.
    Source {
        /// The download, a single source.
        state: State,
        /// What progress shows meanwhile.
        name: String,
    },
}

/// What was found out about a [`Need`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// The time, in seconds since 1970; `None` if the source has none.
    Epoch(Option<i64>),
    /// An image, or the daemon's reason why there is none.
    Image(Vec<StageIndex>, Result<ResolvedImage, String>),
    /// A named context.
    Context(StageIndex, ResolvedContext),
}

/// An image that was looked up.
#[derive(Clone, Debug)]
pub struct ResolvedImage {
    /// The image, with its digest as far as it can be pinned.
    pub reference: Reference,
    /// Its config.
    pub config: ImageConfig,
}

/// A named context that was looked up.
#[derive(Clone, Debug)]
pub struct ResolvedContext {
    /// Its files.
    pub files: ContextFiles,
    /// Its config, if it is an image.
    pub image: Option<ImageConfig>,
}
