//! Time limits and retries of a program.

use std::ffi::{OsStr, OsString};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::affinity::{Affinity, CpuList};
use super::attempt::{Attempt, End, LEFT_OVER};
use super::duration::format_duration;
use super::expectation::Expectation;
use super::say;

/// The maximum delay between two attempts.
const MAX_DELAY: Duration = Duration::from_mins(1);
/// The exit code of a program that exceeded its time limit, like that of `timeout`; if it counts as success, the next
/// one that doesn't.
const TIMED_OUT: u8 = 124;
/// The exit code if the program couldn't be started, like that of `docker run`.
const NOT_STARTED: u8 = 125;

/// How a program is supervised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supervision {
    /// The time limit of an attempt.
    pub timeout: Option<Duration>,
    /// When the program is tried again.
    pub retry: Option<Repetition>,
    /// The exit codes that count as success; empty for `0`.
    pub successes: Vec<u8>,
    /// The CPUs that it runs on, if the daemon can't set them.
    pub affinity: Affinity,
    /// The expected behavior, if it is an assertion; then there is one attempt, and `successes` is ignored.
    pub expectation: Option<Expectation>,
}

/// When a program is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repetition {
    /// The maximum number of retries.
    pub times: u32,
    /// The delay before the first retry; it doubles each time, up to a minute.
    pub delay: Duration,
    /// The exit codes that cause a retry; empty for every failure.
    pub after: Vec<u8>,
}

impl Supervision {
    /// Reports whether there is anything to supervise.
    pub fn is_needed(&self) -> bool {
        self.timeout.is_some()
            || self.retry.is_some()
            || self.expectation.is_some()
            || !self.affinity.is_any()
    }

    /// Encodes the supervision, for the [`VARIABLE`].
    pub fn to_json(&self) -> String {
        let mut settings: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value| settings.push((name, value));
        if let Some(timeout) = self.timeout {
            add("timeout", timeout.as_millis().to_string());
        }
        if let Some(retry) = &self.retry {
            add("retry", retry.times.to_string());
            add("delay", retry.delay.as_millis().to_string());
            if !retry.after.is_empty() {
                add("after", codes(&retry.after));
            }
        }
        if !self.successes.is_empty() {
            add("successes", codes(&self.successes));
        }
        if let Some(cpuset) = &self.affinity.cpuset {
            add("cpuset", cpuset.to_string());
        }
        if let Some(cpus) = self.affinity.cpus {
            add("cpus", cpus.to_string());
        }
        let expected = self.expectation.iter().flat_map(Expectation::settings);
        settings.extend(expected);
        let settings = settings
            .into_iter()
            .map(|(name, value)| json!([name, value]));
        Value::from(settings.collect::<Vec<_>>()).to_string()
    }

    /// Parses the output of [`Supervision::to_json`].
    pub(super) fn parse(json: &str) -> Option<Self> {
        let settings: Value = serde_json::from_str(json).ok()?;
        let mut supervision = Self::default();
        let mut repetition = Repetition {
            times: 0,
            delay: Duration::ZERO,
            after: Vec::new(),
        };
        let milliseconds = |value: &str| value.parse().ok().map(Duration::from_millis);
        for setting in settings.as_array()? {
            let (name, value) = (setting.get(0)?.as_str()?, setting.get(1)?.as_str()?);
            match name {
                "timeout" => supervision.timeout = Some(milliseconds(value)?),
                "retry" => repetition.times = value.parse().ok()?,
                "delay" => repetition.delay = milliseconds(value)?,
                "after" => repetition.after = parse_codes(value)?,
                "successes" => supervision.successes = parse_codes(value)?,
                "cpuset" => supervision.affinity.cpuset = Some(CpuList::parse(value)?),
                "cpus" => supervision.affinity.cpus = Some(value.parse().ok()?),
                _ => supervision
                    .expectation
                    .get_or_insert_default()
                    .read(name, value)?,
            }
        }
        if repetition.times > 0 {
            supervision.retry = Some(repetition);
        }
        Some(supervision)
    }

    /// Runs a program until it succeeds or all attempts have failed. Returns the last exit code.
    pub(super) fn run(&self, program: &[OsString]) -> u8 {
        if let Err(reason) = self.affinity.apply() {
            say(&reason);
            return self.failure(NOT_STARTED);
        }
        if let Some(expectation) = &self.expectation {
            return expectation.check(program, self.timeout);
        }
        let times = self.retry.as_ref().map_or(0, |retry| retry.times);
        let mut delay = self
            .retry
            .as_ref()
            .map_or(Duration::ZERO, |retry| retry.delay);
        for failures in 0..=times {
            let attempt = match Attempt::start(program) {
                Ok(attempt) => attempt,
                Err((error, code)) => {
                    let name = program.first().map(OsString::as_os_str);
                    let name = name.unwrap_or(OsStr::new("")).display();
                    say(&format!("can't start {name}: {error}"));
                    return code;
                }
            };
            let (code, what) = match attempt.wait(self.timeout) {
                End::Exited(code) => (code, format!("exit code {code}")),
                End::TimedOut(limit) => {
                    let limit = format_duration(limit);
                    say(&format!(
                        "stopped after {limit}, the `timeout` of this step"
                    ));
                    (self.timed_out(), format!("a timeout of {limit}"))
                }
            };
            if self.is_success(code) || failures == times || !self.is_tried_again_after(code) {
                return code;
            }
            // Attempts don't overlap, whatever a failed one left running.
            if !attempt.end() {
                say(&format!(
                    "failed with {what}; {LEFT_OVER}, so it is not tried again"
                ));
                return code;
            }
            let (next, all) = (failures + 2, times + 1);
            let wait = format_duration(delay);
            say(&format!(
                "failed with {what}; attempt {next} of {all} in {wait}"
            ));
            thread::sleep(delay);
            delay = (delay * 2).min(MAX_DELAY.max(delay));
        }
        self.timed_out()
    }

    fn is_success(&self, code: u8) -> bool {
        if self.successes.is_empty() {
            code == 0
        } else {
            self.successes.contains(&code)
        }
    }

    fn is_tried_again_after(&self, code: u8) -> bool {
        self.retry
            .as_ref()
            .is_some_and(|retry| retry.after.is_empty() || retry.after.contains(&code))
    }

    /// Returns the exit code for a timeout.
    fn timed_out(&self) -> u8 {
        self.failure(TIMED_OUT)
    }

    /// Returns an exit code, or the next one if it would count as success.
    fn failure(&self, code: u8) -> u8 {
        (code..=u8::MAX)
            .find(|code| !self.is_success(*code))
            .unwrap_or(1)
    }
}

fn codes(codes: &[u8]) -> String {
    let codes: Vec<String> = codes.iter().map(u8::to_string).collect();
    codes.join(",")
}

fn parse_codes(text: &str) -> Option<Vec<u8>> {
    let codes = text.split(',').filter(|code| !code.is_empty());
    codes.map(|code| code.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_were_written() {
        let plain = Supervision::default();
        let full = Supervision {
            timeout: Some(Duration::from_millis(1500)),
            retry: Some(Repetition {
                times: 3,
                delay: Duration::from_secs(2),
                after: vec![1, 124],
            }),
            successes: vec![0, 3],
            affinity: Affinity {
                cpuset: CpuList::parse("0-3,5"),
                cpus: Some(2),
            },
            expectation: None,
        };
        let mut expectation = Expectation {
            exit_code: 3,
            ..Expectation::default()
        };
        expectation.stdout.equals = Some(String::new());
        expectation.stderr.contains = vec!["a=b\n--".to_owned(), "--".to_owned()];
        let asserted = Supervision {
            expectation: Some(expectation),
            ..Supervision::default()
        };
        for supervision in [plain, full, asserted] {
            assert_eq!(
                Supervision::parse(&supervision.to_json()),
                Some(supervision)
            );
        }
        for broken in [
            "",
            "{}x",
            r#"[["timeout"]]"#,
            r#"[["timeout","x"]]"#,
            r#"[["other","1"]]"#,
        ] {
            assert_eq!(Supervision::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_timeout_is_never_a_success() {
        for (successes, expected) in [(vec![], 124), (vec![0, 124], 125), (vec![124, 125], 126)] {
            let supervision = Supervision {
                successes,
                ..Supervision::default()
            };
            assert_eq!(supervision.timed_out(), expected);
        }
    }
}
