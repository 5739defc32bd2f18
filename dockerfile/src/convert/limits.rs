//! How much a few instructions may become.

use buildkit_gateway::image_config::ContainerConfig;

use super::Conversion;
use crate::mistake::Mistake;

impl Conversion<'_> {
    /// Refuses what is more than any daemon takes: a few instructions can repeat a long variable, or list thousands of ports. `more`
    /// is what an instruction has that isn't in the history yet.
    pub(super) fn check_written(&self, more: usize) -> Result<(), Mistake> {
        check_size(self.written.saturating_add(more))?;
        let message = if self.given > MOST_GIVEN {
            format!(
                "the variables that all processes are given are larger than {} MiB together",
                MOST_GIVEN >> 20
            )
        } else if self.inherited > MOST_INHERITED {
            format!(
                "what the stages inherit from their bases, such as variables and labels, is larger than {} MiB together",
                MOST_INHERITED >> 20
            )
        } else {
            return Ok(());
        };
        Err(of_the_whole(message))
    }
}

/// Refuses texts of so many bytes together.
pub(super) fn check_size(bytes: usize) -> Result<(), Mistake> {
    if bytes > MOST_WRITTEN {
        return Err(of_the_whole(format!(
            "with their variables and ranges written out, the instructions are larger than {} MiB together",
            MOST_WRITTEN >> 20
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

/// How many bytes all instructions may have, as history tells of them, and those before the first stage. A message to a daemon holds 16 MiB.
const MOST_WRITTEN: usize = 16 << 20;

/// How many bytes of variables all processes may be given. Those of stages that the target doesn't need count as well, so it is more than
/// a message holds.
const MOST_GIVEN: usize = 64 << 20;

/// How many bytes the configs may have that stages inherit, as [`size_of`] counts them: each stage of a chain may have one of its own.
const MOST_INHERITED: usize = 64 << 20;

/// About how much memory an entry of a list takes besides its text.
const ENTRY: usize = 64;

/// Returns about how much memory the lists of a config take.
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
