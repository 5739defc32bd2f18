//! Times of what steps make: the same in every build of the same input.
//!
//! Copies have a fixed time, except those that a later script with a cache sees. Compilers and `make` keep in a cache what
//! they made of files, and do it again where a file is newer; with one time for all they would never see a change.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Mkdir, State, Timestamp};
use stagefile_language::plan::{Action, Base, Plan, StageId, Step, StepId, Times};

use super::Lowering;

/// The time of what nobody gave one: the first that a ZIP archive can hold, since some tools refuse earlier ones.
const FIXED_TIME: i64 = 315_532_800;
/// The last second of the year 9999, beyond which an image's config has no way to write a time.
const LATEST: i64 = 253_402_300_799;
/// Where an empty directory is made.
const EMPTY: &str = "/empty";

/// The steps whose copies keep their times.
#[derive(Debug, Default)]
pub(super) struct KeptTimes {
    steps: BTreeSet<StepId>,
    /// Stages of which something is seen that keeps its times.
    stages: BTreeSet<StageId>,
}

impl KeptTimes {
    /// Finds the steps of a plan whose copies keep their times.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut kept = Self::default();
        // Stages come after those that need them, so it is known what is seen of each.
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

    /// Adds those of some steps; `seen` says whether what they leave is seen. Returns whether what they begin with is.
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

    /// Tells whether what a step copies keeps its times.
    pub(super) fn has(&self, step: &Step) -> bool {
        self.steps.contains(&step.id)
    }
}

/// Returns the time that new files have where the client gives none.
pub(super) fn fixed_time() -> Timestamp {
    timestamp(FIXED_TIME)
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_nanoseconds(seconds.saturating_mul(1_000_000_000))
}

impl Lowering<'_> {
    /// Returns the time of new files.
    pub(super) fn time(&self) -> Timestamp {
        timestamp(self.options.epoch.unwrap_or(FIXED_TIME))
    }

    /// Returns the time of the image and its layers, as its config has it.
    pub(super) fn created(&self) -> String {
        rfc3339(self.options.epoch.unwrap_or(FIXED_TIME))
    }

    /// Gives the directories that something was made in the time of new files: they had the time of the build.
    ///
    /// Only a copy sets the time of a directory that is there already, and leaves the rest of it alone.
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

/// Lists the directories that have to be there for a path, except the root.
pub(super) fn parents(path: &str) -> impl Iterator<Item = String> + '_ {
    let slashes = path.char_indices().skip(1);
    slashes
        .filter(|(_, letter)| *letter == '/')
        .map(|(at, _)| path[..at].to_owned())
}

/// Writes seconds since 1970 as an image's config has times.
fn rfc3339(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LATEST);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years are counted from March on, so that the day that some years have more is their last one.
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
