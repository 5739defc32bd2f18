//! What our program does inside a build, mounted into a process: it starts another program, and ends or repeats it.
//!
//! Nothing here knows the language; what is wanted comes as arguments, from [`Supervision::arguments`].

mod affinity;
mod attempt;
mod supervision;

pub use affinity::{Affinity, CpuList};
pub use supervision::{Repetition, Supervision};

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// The verb that starts a program under supervision; people have no use for it.
const VERB: &str = "run-step";

/// Does what the arguments of this process ask for; `None` if that is nothing of this module.
pub fn main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != VERB {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    let Some((supervision, program)) = Supervision::parse(&arguments) else {
        say("the arguments of run-step can't be read");
        return Some(ExitCode::from(2));
    };
    let code = supervision.run(program);
    Some(ExitCode::from(code))
}

/// Tells the user something among the output of the program; there is nobody left to tell if that fails.
fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "stagefile: {text}");
}
