//! Limits on what a few instructions can expand to.

use buildkit_gateway::image_config::ContainerConfig;

use super::Compilation;
use crate::mistake::Mistake;

impl Compilation<'_> {
    /// Refuses more than any daemon accepts: a few instructions can repeat a long variable, or list thousands of ports. `more` is
    /// the size of the part of an instruction that isn't in the history yet.
    pub(super) fn check_written(&self, more: usize) -> Result<(), Mistake> {
        check_size(self.written.saturating_add(more))?;
        let message = if self.given > MAX_GIVEN {
            format!(
                "the variables that all processes are given are larger than {} MiB together",
                MAX_GIVEN >> 20
            )
        } else if self.inherited > MAX_INHERITED {
            format!(
                "what the stages inherit from their bases, such as variables and labels, is larger than {} MiB together",
                MAX_INHERITED >> 20
            )
        } else {
            return Ok(());
        };
        Err(of_the_whole(message))
    }
}

/// Refuses texts with more than this many bytes in total.
pub(super) fn check_size(bytes: usize) -> Result<(), Mistake> {
    if bytes > MAX_WRITTEN {
        return Err(of_the_whole(format!(
            "with their variables and ranges written out, the instructions are larger than {} MiB together",
            MAX_WRITTEN >> 20
        )));
    }
    Ok(())
}

fn of_the_whole(message: String) -> Mistake {
    Mistake {
        is_of_the_whole: true,
        ..Mistake::new(message)
    }
}

/// The maximum size of all instructions in the history, plus those before the first stage, in bytes. A message to a daemon is
/// limited to 16 MiB.
const MAX_WRITTEN: usize = 16 << 20;

/// The maximum size of the variables passed to all processes, in bytes. It includes stages that the target doesn't need, so it is
/// more than the limit of a message.
const MAX_GIVEN: usize = 64 << 20;

/// The maximum size of the configs that stages inherit, in bytes as counted by [`size_of`]: each stage of a chain may have its
/// own.
const MAX_INHERITED: usize = 64 << 20;

/// The approximate memory of a list entry in addition to its text, in bytes.
const ENTRY: usize = 64;

/// Returns the approximate memory of the lists of a config, in bytes.
pub(super) fn size_of(config: &ContainerConfig) -> usize {
    let lists = config.env.iter().chain(&config.on_build);
    let sets = config.volumes.iter().chain(&config.exposed_ports);
    let names: usize = lists.chain(sets).map(|one| one.len() + ENTRY).sum();
    let labels = config.labels.iter();
    let labels: usize = labels
        .map(|(name, value)| name.len() + value.len() + 2 * ENTRY)
        .sum();
    names + labels
}
