//! Timestamps of files that steps create: the same in every build with the same input.
//!
//! Copies have a fixed time, except those that a later script with a cache sees. Compilers and `make` cache the results
//! for files, and redo them if a file is newer; with the same time for all files they would never see a change.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Mkdir, State, Timestamp};
use stagefile_language::plan::{Action, Base, Plan, StageId, Step, StepId, Times};

use super::Lowering;

/// The default timestamp: the first that a ZIP archive can represent, since some tools refuse earlier ones.
const FIXED_TIME: i64 = 315_532_800;
/// The last second of year 9999, after which times can't be represented in an image's config.
const LATEST: i64 = 253_402_300_799;
/// The path at which an empty directory is created.
const EMPTY: &str = "/empty";

/// The steps whose copies keep their timestamps.
#[derive(Debug, Default)]
pub(super) struct KeptTimes {
    steps: BTreeSet<StepId>,
    /// Stages whose files are seen with their original timestamps.
    stages: BTreeSet<StageId>,
}

impl KeptTimes {
    /// Finds the steps of a plan whose copies keep their timestamps.
    pub(super) fn find(plan: &Plan) -> Self {
        let mut kept = Self::default();
        // In reverse order, stages that depend on a stage come first, so it is known what is seen of each.
        for id in plan.order().into_iter().rev() {
            let stage = plan.stage(id);
            let keep = kept.stages.contains(&id);
            if kept.add(&stage.steps, keep)
                && let Base::Stage(base) = stage.base.value
            {
                kept.stages.insert(base);
            }
        }
        kept
    }

    /// Adds those of several steps; `seen` says whether their result is seen. Returns whether their initial files are.
    fn add(&mut self, steps: &[Step], mut seen: bool) -> bool {
        for step in steps.iter().rev() {
            let keep = match &step.action {
                Action::Run(run) => {
                    seen |= !run.settings.caches.is_empty();
                    seen
                }
                Action::Copy(copy) => copy.times.map_or(seen, |times| times == Times::Kept),
                Action::Parallel(branches) => {
                    let before = branches.iter().map(|branch| self.add(branch, seen));
                    seen = before.fold(seen, |all, one| all | one);
                    seen
                }
                _ => seen,
            };
            if keep {
                self.steps.insert(step.id);
                let sources = step.action.sources();
                self.stages
                    .extend(sources.filter_map(|source| source.value.stage()));
            }
        }
        seen
    }

    /// Reports whether the files that a step copies keep their timestamps.
    pub(super) fn has(&self, step: &Step) -> bool {
        self.steps.contains(&step.id)
    }
}

/// Returns the timestamp of new files if the client sets none.
pub(super) fn fixed_time() -> Timestamp {
    timestamp(FIXED_TIME)
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_nanoseconds(seconds.saturating_mul(1_000_000_000))
}

impl Lowering<'_> {
    /// Returns the timestamp of new files.
    pub(super) fn time(&self) -> Timestamp {
        timestamp(self.options.epoch.unwrap_or(FIXED_TIME))
    }

    /// Returns the creation time of the image and its layers, as in its config.
    pub(super) fn created(&self) -> String {
        rfc3339(self.options.epoch.unwrap_or(FIXED_TIME))
    }

    /// Sets the time of new files on the directories in which files were created, which had the time of the build.
    ///
    /// Only a copy can set the time of an existing directory and leave its content unchanged.
    pub(super) fn with_fixed_times(
        &self,
        action: FileAction,
        directories: BTreeSet<String>,
    ) -> FileAction {
        if directories.is_empty() {
            return action;
        }
        // One for each: the daemon would keep the files of one that several copies share.
        let empty = || FileAction::from(Mkdir::new(EMPTY, 0o755)).on(&State::scratch());
        let copies = directories.into_iter().map(|directory| {
            Copy::new(empty(), EMPTY, directory)
                .contents()
                .created(self.time())
        });
        copies.fold(action, FileAction::then)
    }
}

/// Iterates over the directories that must exist for a path, except the root.
pub(super) fn parents(path: &str) -> impl Iterator<Item = String> + '_ {
    let slashes = path.char_indices().skip(1);
    slashes
        .filter(|(_, letter)| *letter == '/')
        .map(|(at, _)| path[..at].to_owned())
}

/// Formats seconds since 1970 as in an image's config.
fn rfc3339(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LATEST);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the leap day is their last day.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (
        day - (153 * month + 2) / 5 + 1,
        if month < 10 { month + 3 } else { month - 9 },
    );
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (FIXED_TIME, "1980-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (LATEST, "9999-12-31T23:59:59Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
            (-1, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), expected);
        }
    }

    #[test]
    fn parents_of_a_path() {
        let list = |path| parents(path).collect::<Vec<_>>();
        assert_eq!(list("/a/b/c"), ["/a", "/a/b"]);
        assert!(list("/a").is_empty());
        assert!(list("/").is_empty());
    }
}
