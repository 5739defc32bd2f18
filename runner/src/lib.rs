//! Our program that runs inside builds, mounted into a process: it starts another program, with a time limit and retries; it
//! checks the files of an image; it saves reports; or it saves and fills caches.
//!
//! Nothing here depends on the language; the input comes as arguments, in the variable of [`Supervision::to_json`], or as a
//! file with [`Facts`].
#![forbid(unsafe_code)]

mod affinity;
mod attempt;
pub mod cache;
pub mod compare;
mod count;
mod duration;
mod examination;
mod expectation;
mod facts;
pub mod layers;
mod pattern;
mod reaper;
pub mod reports;
pub mod reserved;
mod root;
mod supervision;
mod tree;
mod users;

pub use count::count_arguments;

pub use affinity::{Affinity, CpuList};
pub use expectation::{Expectation, Output};
pub use facts::{Fact, Facts, Kind, MESSAGE, Wanted};
pub use supervision::{Repetition, Supervision};

use stagefile_text::visible;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// The variable that tells our program how to supervise the program in its arguments, so that clients show only those
/// arguments. It isn't passed on to the program.
pub const VARIABLE: &str = "STAGEFILE_SUPERVISION";
/// The subcommand that checks the files of an image, which isn't meant for users.
const EXAMINE: &str = "check-files";
/// The prefix of messages about failed assertions.
pub const FAILED: &str = "error[assert-failed]: ";

/// Runs the task in this process's arguments; `None` if they aren't for this crate.
pub fn main() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(settings) = std::env::var_os(VARIABLE) {
        let supervision = settings.to_str().and_then(Supervision::parse);
        let code = supervision.map(|supervision| supervision.run(&arguments));
        return Some(ExitCode::from(
            code.unwrap_or_else(|| unreadable(VARIABLE, "value")),
        ));
    }
    if let Some(code) = cache::main(&arguments) {
        return Some(ExitCode::from(code));
    }
    let (verb, arguments) = arguments.split_first()?;
    let code = match verb.to_str()? {
        EXAMINE => match arguments {
            [directory, facts] => examination::run(directory.as_ref(), facts.as_ref()),
            _ => unreadable(EXAMINE, "arguments"),
        },
        count::VERB => {
            count::run(arguments).unwrap_or_else(|| unreadable(count::VERB, "arguments"))
        }
        compare::VERB => code_of(compare::run(arguments)),
        layers::VERB => code_of(layers::run(arguments)),
        reports::KEEP => code_of(reports::keep(arguments)),
        reports::DELIVER => code_of(reports::deliver()),
        _ => return None,
    };
    Some(ExitCode::from(code))
}

/// Returns the arguments with which our program checks the assertions in a file against a directory.
pub fn examination_arguments(directory: &str, facts: &str) -> [String; 3] {
    [EXAMINE, directory, facts].map(str::to_owned)
}

fn code_of(done: std::io::Result<()>) -> u8 {
    match done {
        Ok(()) => 0,
        Err(error) => {
            say(&error.to_string());
            1
        }
    }
}

fn unreadable(name: &str, what: &str) -> u8 {
    say(&format!("can't understand the {what} of {name}"));
    2
}

/// Prints a message among the output of the program; if that fails, nobody can be told.
fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "stagefile: {}", visible::lines(text));
}

/// Makes text from an image safe to print on a line: without control characters, and truncated.
fn shown(text: &[u8]) -> String {
    const MAX_LENGTH: usize = 200;
    let text = String::from_utf8_lossy(text);
    let mut shown = String::new();
    for letter in text.chars() {
        if shown.len() >= MAX_LENGTH {
            shown.push('…');
            break;
        }
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
