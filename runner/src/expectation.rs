//! The expected behavior of a program.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use stagefile_text::visible;

use super::attempt::{Attempt, End, LEFT_OVER};
use super::duration::format_duration;
use super::{FAILED, shown};

/// The maximum size of each output of a program that is kept, in bytes.
const MAX_OUTPUT: usize = 16 << 20;

/// The expected behavior of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The exit code.
    pub exit_code: u8,
    /// The expected standard output.
    pub stdout: Output,
    /// The expected standard error.
    pub stderr: Output,
    /// The number of the user to run as, if the daemon can't look it up; `None` for that of this
    /// process.
    pub user: Option<u32>,
}

/// The expected output of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The full output, except for trailing line ends.
    pub equals: Option<String>,
    /// Texts that it contains.
    pub contains: Vec<String>,
}

impl Output {
    /// Returns what is wrong with an output.
    fn mismatches(&self, name: &str, written: &Written) -> Vec<String> {
        if (self.equals.is_some() || !self.contains.is_empty()) && written.too_much {
            return vec![format!("`{name}` has more than {MAX_OUTPUT} bytes")];
        }
        let mut wrong = Vec::new();
        let bytes = written.bytes.as_slice();
        if let Some(text) = &self.equals
            && without_line_ends(bytes) != without_line_ends(text.as_bytes())
        {
            let (found, wanted) = (shown(without_line_ends(bytes)), shown(text.as_bytes()));
            wrong.push(format!("`{name}` is `{found}`, not `{wanted}`"));
        }
        for text in &self.contains {
            let text = text.as_bytes();
            if !text.is_empty() && !bytes.windows(text.len()).any(|part| part == text) {
                wrong.push(format!("`{name}` doesn't contain `{}`", shown(text)));
            }
        }
        wrong
    }
}

impl Expectation {
    /// Returns the settings for our program, as names and values.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![("exit-code", self.exit_code.to_string())];
        let outputs = [
            ("stdout-equals", "stdout-contains", &self.stdout),
            ("stderr-equals", "stderr-contains", &self.stderr),
        ];
        for (equals, contains, output) in outputs {
            settings.extend(output.equals.iter().map(|text| (equals, text.clone())));
            settings.extend(output.contains.iter().map(|text| (contains, text.clone())));
        }
        settings.extend(self.user.map(|user| ("user", user.to_string())));
        settings
    }

    /// Parses one of the settings; `None` if it is unknown.
    pub(super) fn read(&mut self, name: &str, value: &str) -> Option<()> {
        let value = value.to_owned();
        match name {
            "exit-code" => self.exit_code = value.parse().ok()?,
            "user" => self.user = Some(value.parse().ok()?),
            "stdout-equals" => self.stdout.equals = Some(value),
            "stderr-equals" => self.stderr.equals = Some(value),
            "stdout-contains" => self.stdout.contains.push(value),
            "stderr-contains" => self.stderr.contains.push(value),
            _ => return None,
        }
        Some(())
    }

    /// Runs a program, and reports differences from the expectation. Returns the exit code for
    /// that.
    pub(super) fn check(&self, program: &[OsString], timeout: Option<Duration>) -> u8 {
        let wrong = self.mismatches(program, timeout);
        for message in &wrong {
            // The exit code reports it, too.
            _ = writeln!(io::stderr(), "{FAILED}{}", visible::lines(message));
        }
        u8::from(!wrong.is_empty())
    }

    fn mismatches(&self, program: &[OsString], timeout: Option<Duration>) -> Vec<String> {
        let mut wrong = Vec::new();
        let (code, stdout, stderr) = match Attempt::start_heard(program, self.user) {
            Ok((attempt, stdout, stderr)) => {
                let (stdout, stderr) =
                    (pass_on(stdout, io::stdout()), pass_on(stderr, io::stderr()));
                let end = attempt.wait(timeout);
                // Remaining processes would keep its outputs open.
                let all_ended = attempt.end();
                let code = match end {
                    End::Exited(code) => Some(code),
                    End::TimedOut(limit) => {
                        let limit = format_duration(limit);
                        wrong.push(format!("it still ran after {limit}, its `timeout`"));
                        None
                    }
                };
                if !all_ended {
                    // Its outputs may stay open forever.
                    wrong.push(LEFT_OVER.to_owned());
                    return wrong;
                }
                (code, written(stdout), written(stderr))
            }
            Err((error, code)) => {
                if code != self.exit_code {
                    let name = program.first().cloned().unwrap_or_default();
                    let name = shown(name.as_encoded_bytes());
                    wrong.push(format!("`{name}` can't be started: {error}"));
                }
                (Some(self.exit_code), Written::default(), Written::default())
            }
        };
        if let Some(code) = code.filter(|code| *code != self.exit_code) {
            wrong.push(format!("its exit code is {code}, not {}", self.exit_code));
        }
        wrong.extend(self.stdout.mismatches("stdout", &stdout));
        wrong.extend(self.stderr.mismatches("stderr", &stderr));
        wrong
    }
}

/// The output of a program.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// Whether the output exceeded the limit.
    too_much: bool,
}

/// Passes what is read on to the user, and keeps it.
fn pass_on(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> JoinHandle<Written> {
    thread::spawn(move || {
        let mut written = Written::default();
        let mut buffer = [0; 8192];
        loop {
            let count = match from.read(&mut buffer) {
                Ok(0) => return written,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return written,
            };
            let piece = &buffer[..count];
            // It doesn't matter if the user can't see it.
            _ = to.write_all(piece).and_then(|()| to.flush());
            let room = MAX_OUTPUT - written.bytes.len();
            written.too_much |= count > room;
            written.bytes.extend_from_slice(&piece[..count.min(room)]);
        }
    })
}

fn written(output: JoinHandle<Written>) -> Written {
    output.join().unwrap_or_default()
}

fn without_line_ends(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r'));
    &text[..end.map_or(0, |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mismatches(expectation: &Expectation, script: &str) -> Vec<String> {
        let program = ["/bin/sh", "-c", script].map(OsString::from);
        expectation.mismatches(&program, Some(Duration::from_secs(20)))
    }

    #[test]
    fn outputs_are_compared() {
        let output = |equals: Option<&str>, contains: &[&str]| Output {
            equals: equals.map(str::to_owned),
            contains: contains.iter().map(ToString::to_string).collect(),
        };
        let written = |text: &str| Written {
            bytes: text.as_bytes().to_vec(),
            too_much: false,
        };
        for (output, text, expected) in [
            (output(None, &[]), "anything", vec![]),
            (output(Some("1.2"), &[]), "1.2\r\n\n", vec![]),
            (output(Some(""), &[]), "", vec![]),
            (
                output(Some("1.2"), &[]),
                "1.2.3\n",
                vec!["`out` is `1.2.3`, not `1.2`"],
            ),
            (output(None, &["1", "2"]), "1.2", vec![]),
            (
                output(None, &["1", "3"]),
                "1.2",
                vec!["`out` doesn't contain `3`"],
            ),
        ] {
            assert_eq!(
                output.mismatches("out", &written(text)),
                expected,
                "{output:?}"
            );
        }
        let endless = Written {
            bytes: b"x".to_vec(),
            too_much: true,
        };
        assert_eq!(output(None, &[]).mismatches("out", &endless), [""; 0]);
        assert_eq!(output(None, &["x"]).mismatches("out", &endless).len(), 1);
    }

    /// Nothing else in this program's tests waits for children: an attempt reaps all of them.
    #[test]
    fn programs_are_checked() {
        let plain = Expectation::default();
        assert_eq!(mismatches(&plain, "exit 0"), [""; 0]);
        assert_eq!(mismatches(&plain, "exit 3"), ["its exit code is 3, not 0"]);
        let three = Expectation {
            exit_code: 3,
            ..Expectation::default()
        };
        assert_eq!(mismatches(&three, "exit 3"), [""; 0]);
        let mut outputs = Expectation::default();
        outputs.stdout.equals = Some("one".to_owned());
        outputs.stderr.contains.push("w".to_owned());
        assert_eq!(mismatches(&outputs, "echo one; echo two >&2"), [""; 0]);
        assert_eq!(
            mismatches(&outputs, "echo two; echo one >&2"),
            [
                "`stdout` is `two`, not `one`",
                "`stderr` doesn't contain `w`"
            ]
        );
        let missing = ["/no/such/program"].map(OsString::from);
        let said = plain.mismatches(&missing, None);
        assert!(
            said[0].starts_with("`/no/such/program` can't be started"),
            "{said:?}"
        );
        let late = ["/bin/sleep", "60"].map(OsString::from);
        let said = plain.mismatches(&late, Some(Duration::from_millis(50)));
        assert_eq!(said, ["it still ran after 50ms, its `timeout`"]);
    }
}
