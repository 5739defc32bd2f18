//! The one binary: BuildKit starts it without arguments as a frontend, people start it with a verb, builds with one of their
//! own.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = stagefile::runner::main() {
        return code;
    }
    if std::env::args_os().len() > 1 || !stagefile::frontend::is_started_by_buildkit() {
        stagefile::cli::main()
    } else {
        stagefile::frontend::main()
    }
}
