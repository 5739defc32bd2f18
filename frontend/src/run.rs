//! The program that a build mounts into its steps: see [`stagefile_runner`].

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    stagefile_runner::main().unwrap_or_else(|| {
        // Nobody is left to tell if that fails.
        _ = writeln!(
            std::io::stderr(),
            "stagefile-run: builds start this program in their steps; people start `stagefile`"
        );
        ExitCode::from(2)
    })
}
