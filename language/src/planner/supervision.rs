//! Time limits and retries of scripts.

use std::time::Duration;

use stagefile_runner::{Affinity, Repetition, Supervision};

use super::Planner;
use crate::expression::Text;
use crate::syntax::{self, Run};
use crate::value::{EXIT_CODE, LIMIT, TIMES};

/// The default delay before a script is tried again.
const DELAY: Duration = Duration::from_secs(1);

impl Planner<'_> {
    /// Evaluates how a script is supervised.
    pub(super) fn supervision(&mut self, run: &Run) -> Supervision {
        let codes = |planner: &mut Self, codes: &[Text]| -> Vec<u8> {
            codes
                .iter()
                .filter_map(|code| planner.value("exit-codes", Some(code), &EXIT_CODE))
                .collect()
        };
        let timeout = self.value("timeout", run.timeout.as_ref(), &LIMIT);
        let retry = run.retry.as_ref().and_then(|retry| {
            let after = codes(self, &retry.exit_codes);
            self.repetition(retry, after)
        });
        Supervision {
            timeout,
            retry,
            successes: codes(self, &run.exit_codes),
            // CPUs are selected by the daemon, or when the plan is lowered.
            affinity: Affinity::default(),
            expectation: None,
        }
    }

    fn repetition(&mut self, retry: &syntax::Retry, after: Vec<u8>) -> Option<Repetition> {
        let times = self.value("retry", retry.times.as_ref(), &TIMES);
        let delay = match &retry.delay {
            Some(delay) => self.duration("delay", Some(delay)),
            None => DELAY,
        };
        Some(Repetition {
            times: times?,
            delay,
            after,
        })
    }
}
