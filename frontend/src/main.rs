//! The frontend and command line: BuildKit starts it without arguments, users start it with a subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 || !stagefile::session::is_started_by_buildkit() {
        stagefile::cli::main()
    } else {
        stagefile::session::main()
    }
}
