//! The output of a build.

use std::collections::BTreeMap;

/// The output of a build as the user sees it: whether it succeeded, and the text of its progress and errors.
#[derive(Debug, Clone)]
pub struct Outcome {
    success: bool,
    text: String,
}

/// A step of a build in the progress output, which is a vertex of the graph or work of the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The name in the progress output.
    pub name: String,
    /// Whether its result came from the cache.
    pub cached: bool,
    /// Whether it succeeded.
    pub done: bool,
    /// Its output, without timestamps.
    pub log: String,
}

impl Outcome {
    pub(crate) fn new(success: bool, text: String) -> Self {
        Self { success, text }
    }

    /// Returns the outcome of a build that was run by something other than [`Build`](crate::Build), such as a script.
    #[must_use]
    pub fn of_text(success: bool, text: String) -> Self {
        Self::new(success, text)
    }

    /// Reports whether the build succeeded.
    pub(crate) fn succeeded(&self) -> bool {
        self.success
    }

    #[track_caller]
    pub(crate) fn must(self, succeed: bool) -> Self {
        let expected = if succeed { "succeed" } else { "fail" };
        assert_eq!(
            self.success, succeed,
            "the build should {expected}:\n{}",
            self.text
        );
        self
    }

    /// Returns the full text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the steps in the order of their first occurrence.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = BTreeMap::<u32, Step>::new();
        for line in self.text.lines() {
            let Some((number, rest)) = line.strip_prefix('#').and_then(|line| line.split_once(' '))
            else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            let step = steps.entry(number).or_default();
            if step.name.is_empty() {
                rest.clone_into(&mut step.name);
            } else if rest == "CACHED" {
                step.cached = true;
            } else if rest.starts_with("DONE ") {
                step.done = true;
            } else if rest != step.name && rest != "..." {
                // A line of output begins with the seconds since the start of the step.
                let output = rest.split_once(' ').map_or("", |(_, output)| output);
                step.log.push_str(output);
                step.log.push('\n');
            }
        }
        steps.into_values().collect()
    }

    /// Returns the only step whose name contains `part`.
    #[must_use]
    #[track_caller]
    pub fn step(&self, part: &str) -> Step {
        let mut found: Vec<_> = self
            .steps()
            .into_iter()
            .filter(|step| step.name.contains(part))
            .collect();
        assert_eq!(
            found.len(),
            1,
            "one step should be called `{part}`, not {found:#?}\n{}",
            self.text
        );
        found.remove(0)
    }

    /// Asserts that a step, given by a part of its name, was taken from the cache.
    ///
    /// Its dependencies must not be shared with other tests: while the build that first created a step is running, BuildKit
    /// doesn't find anything in the cache that other builds created on top of that step.
    #[track_caller]
    pub fn assert_cached(&self, part: &str) {
        assert!(
            self.step(part).cached,
            "`{part}` should be cached:\n{}",
            self.text
        );
    }

    /// Asserts that a step, given by a part of its name, really ran.
    #[track_caller]
    pub fn assert_ran(&self, part: &str) {
        let step = self.step(part);
        assert!(
            step.done && !step.cached,
            "`{part}` should have run: {step:?}\n{}",
            self.text
        );
    }

    /// Asserts that no name in the progress output contains `part`.
    #[track_caller]
    pub fn assert_no_step(&self, part: &str) {
        let found: Vec<_> = self
            .steps()
            .into_iter()
            .filter(|step| step.name.contains(part))
            .collect();
        assert!(
            found.is_empty(),
            "`{part}` should not be part of the build: {found:#?}\n{}",
            self.text
        );
    }

    /// Asserts that the output contains `part`.
    #[track_caller]
    pub fn assert_shows(&self, part: &str) {
        assert!(
            self.text.contains(part),
            "the output should contain `{part}`:\n{}",
            self.text
        );
    }

    /// Asserts that the output doesn't contain `part`.
    #[track_caller]
    pub fn assert_hides(&self, part: &str) {
        assert!(
            !self.text.contains(part),
            "the output should not contain `{part}`:\n{}",
            self.text
        );
    }

    /// Returns the lines of the Stagefile, counted from 1, that are marked in the excerpt of an error.
    #[must_use]
    pub fn marked_lines(&self) -> Vec<u32> {
        let marked = |line: &str| {
            let (number, content) = line.split_once('|')?;
            content
                .trim_start()
                .starts_with(">>>")
                .then(|| number.trim().parse().ok())?
        };
        self.text.lines().filter_map(marked).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRESS: &str = "\
#1 [internal] load build definition from Stagefile
#1 DONE 0.0s

#2 [build 1/2] first
#2 CACHED

#3 [build 2/2] second
#3 0.112 hello world
#3 ...

#4 [test 1/1] third
#4 ERROR: process did not complete successfully: exit code: 3

#3 [build 2/2] second
#3 DONE 0.2s
------
Stagefile:7
--------------------
   6 |     steps:
   7 | >>>   - run: exit 3
   8 |
--------------------
ERROR: failed to build";

    #[test]
    fn steps_come_from_plain_progress() {
        let outcome = Outcome::new(false, PROGRESS.to_owned());
        assert_eq!(outcome.steps().len(), 4);
        outcome.assert_cached("first");
        outcome.assert_ran("second");
        assert_eq!(outcome.step("second").log, "hello world\n");
        let third = outcome.step("third");
        assert!(!third.done && !third.cached);
        outcome.assert_no_step("fourth");
    }

    #[test]
    fn marked_lines_come_from_the_excerpt() {
        assert_eq!(Outcome::new(false, PROGRESS.to_owned()).marked_lines(), [7]);
    }
}
