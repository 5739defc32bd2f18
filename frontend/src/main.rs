//! The frontend and command line: BuildKit starts it without arguments, people start it with a verb.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 || !stagefile::session::is_started_by_buildkit() {
        stagefile::cli::main()
    } else {
        stagefile::session::main()
    }
}
