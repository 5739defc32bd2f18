//! The program that a build mounts into its steps: see [`stagefile_runner`].

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    stagefile_runner::main().unwrap_or_else(|| {
        // If that fails, there is no one left to report it to.
        _ = writeln!(
            std::io::stderr(),
            "stagefile-run: builds start this program in their steps; people start `stagefile`"
        );
        ExitCode::from(2)
    })
}
