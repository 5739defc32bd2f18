//! Conversion of a `run` to a command line: the given arguments, or a script for its interpreter or for a shell.

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::{Command, Run};
use stagefile_runner::reserved::{READ_SCRIPT, SCRIPT};

use super::Lowering;

/// The default shell, which stops at the first error and at unset variables.
const SHELL: [&str; 4] = ["/bin/sh", "-e", "-u", "-c"];
/// The maximum size of an argument on Linux in bytes: 32 pages, including the terminating byte.
const MAX_ARGUMENT_LENGTH: usize = (128 << 10) - 1;
/// The maximum size of a script that is passed to a shell as an argument, in bytes. The daemon's log and error repeat all
/// arguments of a failed command, so it is less than the system's limit.
const MAX_INLINE_LENGTH: usize = 32 << 10;
/// Shells that read a file with `.`, and so don't need a script as an argument.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "yash"];

/// The command line of a step.
pub(super) struct Program<'a> {
    /// The program and its arguments.
    pub words: Vec<&'a str>,
    /// The content of the file [`SCRIPT`], if it is needed.
    pub file: Option<&'a str>,
}

impl Lowering<'_> {
    /// Returns the command line of a step, and reports one that can't be started on Linux.
    pub(super) fn program<'a>(&self, run: &'a Run, found: &mut Diagnostics) -> Program<'a> {
        let program = program(run);
        let words = program.words.iter();
        if let Some(length) = words
            .map(|word| word.len())
            .find(|length| *length > MAX_ARGUMENT_LENGTH)
        {
            let is_script = matches!(run.command, Command::Script(_));
            let span = self.sources.first_line(run.span);
            found.push(diagnostics::script_too_long(length, is_script, span));
        }
        program
    }
}

/// Reports whether a step has a script in a file.
pub(super) fn is_file(run: &Run) -> bool {
    program(run).file.is_some()
}

/// Returns the command line of a step.
fn program(run: &Run) -> Program<'_> {
    let script = match &run.command {
        Command::Arguments(arguments) => {
            let words = arguments.iter().map(String::as_str).collect();
            return Program { words, file: None };
        }
        Command::Script(script) => script.as_str(),
    };
    if script.starts_with("#!") {
        return Program {
            words: vec![SCRIPT],
            file: Some(script),
        };
    }
    let mut words: Vec<&str> = match &run.settings.shell {
        Some(shell) => shell.iter().map(String::as_str).collect(),
        None => SHELL.to_vec(),
    };
    if script.len() > MAX_INLINE_LENGTH && reads_file(&mut words) {
        return Program {
            words,
            file: Some(script),
        };
    }
    words.push(script);
    Program { words, file: None }
}

/// Makes a shell read the file [`SCRIPT`]; returns `false` if that isn't known for this shell.
fn reads_file(shell: &mut Vec<&str>) -> bool {
    let name = |word: &&str| SHELLS.contains(&word.rsplit('/').next().unwrap_or_default());
    let takes_command = |word: &str| word.starts_with('-') && word.ends_with('c');
    if shell.iter().any(name) && shell.last().is_some_and(|last| takes_command(last)) {
        // In the same shell with the same options, like a script passed as an argument.
        shell.push(READ_SCRIPT);
        return true;
    }
    // Other interpreters have such an option before a script; without it, they run a file.
    if shell.len() > 1 && matches!(shell.last(), Some(&("-c" | "-e"))) {
        shell.pop();
        shell.push(SCRIPT);
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_that_can_read_a_file() {
        for (shell, expected) in [
            (
                "/bin/sh -e -u -c",
                Some("/bin/sh -e -u -c . /run/stagefile/script"),
            ),
            (
                "bash -euo pipefail -c",
                Some("bash -euo pipefail -c . /run/stagefile/script"),
            ),
            ("bash -ec", Some("bash -ec . /run/stagefile/script")),
            (
                "busybox sh -c",
                Some("busybox sh -c . /run/stagefile/script"),
            ),
            (
                "/usr/bin/env zsh -c",
                Some("/usr/bin/env zsh -c . /run/stagefile/script"),
            ),
            ("python3 -c", Some("python3 /run/stagefile/script")),
            ("node -e", Some("node /run/stagefile/script")),
            ("pwsh -Command", None),
            ("-c", None),
        ] {
            let mut words: Vec<&str> = shell.split(' ').collect();
            let can = reads_file(&mut words);
            assert_eq!(can.then(|| words.join(" ")).as_deref(), expected, "{shell}");
        }
    }
}
