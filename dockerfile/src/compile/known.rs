//! Properties of a stage's image that fixes depend on.

use std::collections::BTreeSet;

use super::{Compilation, StageIndex};

/// The known properties of a stage's image.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about an image, each on its own"
)]
pub(crate) struct Known {
    /// The stage's base, if it is a stage of the file.
    pub base: Option<usize>,
    /// Whether everything is known, including the config of the first base image.
    pub is_complete: bool,
    /// Whether the resulting image has an entrypoint, from this stage or a base.
    pub has_entrypoint: bool,
    /// Whether the stage itself sets the command of containers.
    pub sets_cmd: bool,
    pub sets_entrypoint: bool,
    /// The working directory of the first base image.
    pub directory: String,
}

impl Compilation<'_> {
    /// Returns the known properties of each stage of the file, after instructions are read. The configs of the bases in
    /// `unknown` are missing.
    pub(crate) fn known(&self, unknown: &BTreeSet<StageIndex>) -> Vec<Known> {
        let stages = self.stages.iter().take(self.file.stages.len());
        let known = stages.map(|stage| Known {
            base: stage.base,
            is_complete: stage.dispatched && !unknown.contains(&StageIndex(stage.root)),
            has_entrypoint: !stage.image.config.entrypoint.is_empty(),
            sets_cmd: stage.cmd.is_some(),
            sets_entrypoint: stage.entrypoint.is_some(),
            directory: self.stages[stage.root].base_directory.to_string(),
        });
        known.collect()
    }

    /// Reports whether the first base of a stage is one of these. The stage is given by its index in the file.
    pub fn starts_from(&self, stage: usize, bases: &BTreeSet<StageIndex>) -> bool {
        let stage = self.stages.get(stage);
        stage.is_some_and(|stage| bases.contains(&StageIndex(stage.root)))
    }
}
