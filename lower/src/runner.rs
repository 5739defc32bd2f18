//! `stagefile-run`, our own program that runs inside builds: it is mounted into processes, and never part of a layer.

use buildkit_llb::{BindMount, Image, Mount, Platform, Reference, State};
use stagefile_runner::reserved::RUNNER;

use super::Lowering;

/// The image with the program, if the daemon doesn't report the image that we were started from.
const IMAGE: &str = "docker.io/stagefile/stagefile:1";
/// The path of the program in the image.
const PATH: &str = "/stagefile-run";

/// Files that contain the program.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The files.
    pub state: State,
    /// The path of the program in them.
    pub path: String,
}

impl Runner {
    /// Returns the program in the published image; `None` only if its reference is invalid.
    pub fn published() -> Option<Self> {
        let reference = Reference::parse(IMAGE).ok()?;
        Some(Self {
            state: Image::from(reference).into_state(),
            path: PATH.to_owned(),
        })
    }

    /// Mounts the program, without the rest of the image.
    ///
    /// A process depends on the program's bytes, not on the image that contains them: it runs again with another
    /// version of the frontend, but not with another name for the same version.
    pub(super) fn mount(&self) -> BindMount {
        Mount::bind(RUNNER, &self.state)
            .selector(&self.path)
            .readonly()
    }
}

impl Lowering<'_> {
    /// Returns the program for processes on a platform: the one for that platform, or else for the daemon's native
    /// platform, which starts programs for other platforms through the kernel's emulation.
    pub(super) fn runner(&self, platform: &Platform) -> Option<&Runner> {
        self.daemon
            .runners
            .get(platform)
            .or_else(|| self.daemon.runners.get(&self.daemon.native))
    }
}
