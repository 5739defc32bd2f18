//! What comes from outside: as the daemon knows it, or as the file says it.

use std::borrow::Cow;

use buildkit_image_config::ImageConfig;
use buildkit_llb::{Platform, State};
use bytes::Bytes;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{DockerfileSource, External, ImageSource, LayoutSource};
use stagefile_language::source::Span;

use super::{ByPlatform, Lowering, support};

/// An image or a context of the client's, as the daemon knows it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its files.
    pub state: State,
    /// What it is as an image; `None` for files that are none.
    pub image: Option<BaseImage>,
    /// Whether the files are those of an image as a registry has it: the same in every build, times included.
    pub is_image: bool,
}

impl Resolved {
    /// Takes files that are no image.
    pub fn files(state: State) -> Self {
        Self {
            state,
            image: None,
            is_image: false,
        }
    }
}

/// The config of an image that stages start from.
#[derive(Clone, Debug)]
pub struct BaseImage {
    /// What it says.
    pub config: ImageConfig,
    /// The same, byte for byte.
    pub json: Bytes,
}

/// What a plan uses from outside, as the daemon knows it.
#[derive(Debug, Default)]
pub struct Externals {
    /// Images, and those that contexts stand for.
    pub images: ByPlatform<ImageSource, Resolved>,
    /// Images of OCI layouts.
    pub layouts: ByPlatform<LayoutSource, Resolved>,
    /// What Dockerfiles make.
    pub dockerfiles: ByPlatform<DockerfileSource, Resolved>,
    /// Named contexts.
    pub contexts: ByPlatform<String, Resolved>,
    /// The build context; `None` if the plan doesn't use it.
    pub main_context: Option<State>,
}

impl Lowering<'_> {
    /// Returns what something from outside holds, for a stage of this platform.
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

    /// Reports what something from outside needs and the daemon lacks.
    pub fn check_external(&self, external: &External, span: Span, found: &mut Diagnostics) {
        self.refuse(&support::needs_of_external(external), span, found);
    }
}

fn files<'a>(state: Option<State>) -> Option<Cow<'a, Resolved>> {
    state.map(|state| Cow::Owned(Resolved::files(state)))
}
