//! Copies of the only match of a pattern, under a new name.
//!
//! BuildKit would give the name to each match in turn, and keep the last. The number of matches is only known during the
//! build, so our own program counts them there.

use buildkit_llb::{Constrain, Exec, FileAction, Mount, Network, State};
use stagefile_language::plan::Copy;
use stagefile_runner::count_arguments;
use stagefile_runner::reserved::{MATCHES, RUNNER};

use super::building::{Building, StepContext, places};
use super::files::ASIDE;
use super::progress::{Called as _, as_written};

impl Building<'_> {
    /// Returns the files in the intermediate directory, once they are known to be a single one; `None` if our program isn't
    /// available.
    pub(super) fn only_match(
        &self,
        taken: FileAction,
        copy: &Copy,
        to: &str,
        here: StepContext<'_>,
    ) -> Option<State> {
        let lowering = self.lowering;
        let pattern = as_written(&copy.paths.first()?.value);
        let label = |what: &str| format!("[{}] {what} {pattern}", self.stage.name);
        let taken = lowering
            .locate(taken, places(here.step))
            .called(label("what matches"));
        let matches = State::scratch().file(if self.no_cache {
            taken.ignore_cache()
        } else {
            taken
        });
        let directory = format!("{MATCHES}{ASIDE}");
        let arguments = count_arguments(&directory, pattern, to, copy.optional);
        let exec = Exec::command(RUNNER, arguments)
            .mount(lowering.runner(&lowering.daemon.native)?.mount())
            .mount(Mount::bind(MATCHES, &matches))
            .network(Network::None);
        let exec = lowering
            .locate(exec, places(here.step))
            .called(label("one match of"));
        let nothing = State::scratch().platform(&lowering.daemon.native);
        nothing.run(exec).output(MATCHES).ok()
    }
}
