//! Our own program inside a build, `stagefile-run`: mounted into processes, never part of a layer.

use buildkit_llb::{BindMount, Image, Mount, Platform, Reference, State};
use stagefile_runner::reserved::RUNNER;

use super::Lowering;

/// The image that has the program, where no daemon says which one started us.
const IMAGE: &str = "docker.io/stagefile/stagefile:1";
/// Where an image has the program.
const PATH: &str = "/stagefile-run";

/// Files that have the program.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The files.
    pub state: State,
    /// Where the program is in them.
    pub path: String,
}

impl Runner {
    /// Takes the program from a published image; `None` only if its name is wrong.
    pub fn published() -> Option<Self> {
        let reference = Reference::parse(IMAGE).ok()?;
        Some(Self {
            state: Image::from(reference).into_state(),
            path: PATH.to_owned(),
        })
    }

    /// Mounts the program, and nothing else of the image.
    ///
    /// A process depends on the program's bytes, not on the image that they came in: it runs again with another version
    /// of the frontend, not with another name of the same one.
    pub(super) fn mount(&self) -> BindMount {
        Mount::bind(RUNNER, &self.state)
            .selector(&self.path)
            .readonly()
    }
}

impl Lowering<'_> {
    /// Returns the program for processes of a platform: that platform's own, or the one that this daemon runs natively,
    /// which starts others through the kernel's emulation.
    pub(super) fn runner(&self, platform: &Platform) -> Option<&Runner> {
        self.daemon
            .runners
            .get(platform)
            .or_else(|| self.daemon.runners.get(&self.daemon.native))
    }
}
