//! What is known of a stage's image, for fixes.

use std::collections::BTreeSet;

use super::{Conversion, StageIndex};

/// What is known of the image of a stage of the file.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about an image, each on its own"
)]
pub(crate) struct Known {
    /// The stage that it starts from, if it is one of the file's.
    pub base: Option<usize>,
    /// Whether everything is known: also the config of what the first of its bases starts from.
    pub is_complete: bool,
    /// Whether the finished image has an entrypoint, of its own or of a base.
    pub has_entrypoint: bool,
    /// Whether the stage itself says what containers run.
    pub sets_cmd: bool,
    pub sets_entrypoint: bool,
    /// The directory that the first of its bases starts in.
    pub directory: String,
}

impl Conversion<'_> {
    /// Says what is known of each stage of the file, once instructions are read. Of some bases the configs may be unknown.
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

    /// Tells whether what a stage starts from in the end is one of these: its number is that of the file.
    pub fn starts_from(&self, stage: usize, bases: &BTreeSet<StageIndex>) -> bool {
        let stage = self.stages.get(stage);
        stage.is_some_and(|stage| bases.contains(&StageIndex(stage.root)))
    }
}
