//! Resolved external sources.

use std::borrow::Cow;

use buildkit_image_config::ImageConfig;
use buildkit_llb::{Platform, State};
use bytes::Bytes;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{DockerfileSource, External, ImageSource, LayoutSource};
use stagefile_language::source::Span;

use super::{ByPlatform, Lowering, support};

/// An image or a context of the client, resolved by the daemon.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The files.
    pub state: State,
    /// The image, if it is one.
    pub image: Option<BaseImage>,
    /// Whether the files are those of an image in a registry: identical in every build, including
    /// timestamps.
    pub is_image: bool,
}

impl Resolved {
    /// Creates a value for files that aren't an image.
    pub fn files(state: State) -> Self {
        Self {
            state,
            image: None,
            is_image: false,
        }
    }
}

/// The config of a base image.
#[derive(Clone, Debug)]
pub struct BaseImage {
    /// The config.
    pub config: ImageConfig,
    /// The config as the original JSON.
    pub json: Bytes,
}

/// The external sources of a plan, resolved by the daemon.
#[derive(Debug, Default)]
pub struct Externals {
    /// Images, including those that contexts refer to.
    pub images: ByPlatform<ImageSource, Resolved>,
    /// Images in OCI layouts.
    pub layouts: ByPlatform<LayoutSource, Resolved>,
    /// The results of Dockerfiles.
    pub dockerfiles: ByPlatform<DockerfileSource, Resolved>,
    /// Named contexts.
    pub contexts: ByPlatform<String, Resolved>,
    /// The build context; `None` if the plan doesn't use it.
    pub main_context: Option<State>,
}

impl Lowering<'_> {
    /// Returns the files of an external source, for a stage of this platform.
    pub fn external(
        &self,
        external: &External,
        stage: &Platform,
        span: Span,
    ) -> Option<Cow<'_, Resolved>> {
        let platform = external.platform(stage);
        let known = match external {
            External::Image(image, _) => self.externals.images.get(image, platform),
            External::Context(name) => self.externals.contexts.get(name, platform),
            External::Layout(layout, _) => self.externals.layouts.get(layout, platform),
            External::Dockerfile(file, _) => self.externals.dockerfiles.get(file, platform),
            External::Git(git) => return files(self.repository(git, span)),
            External::Http(http) => return files(self.file_on_server(http, span)),
        };
        known.map(Cow::Borrowed)
    }

    /// Reports capabilities that an external source needs and the daemon lacks.
    pub fn check_external(&self, external: &External, span: Span, found: &mut Diagnostics) {
        self.refuse(&support::needs_of_external(external), span, found);
    }
}

fn files<'a>(state: Option<State>) -> Option<Cow<'a, Resolved>> {
    state.map(|state| Cow::Owned(Resolved::files(state)))
}
