//! Programs that an image, a step or a check runs.

/// The default shell of scripts in an image, as in Docker.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A script for a shell.
    Script(String),
    /// A program and its arguments.
    Arguments(Vec<String>),
}

impl Command {
    /// Returns the program and its arguments for an image with this shell; an empty one means Docker's
    /// default.
    pub fn words(&self, shell: &[String]) -> Vec<String> {
        match self {
            Self::Arguments(arguments) => arguments.clone(),
            Self::Script(script) => {
                let default = SHELL.map(str::to_owned);
                let shell = if shell.is_empty() { &default } else { shell };
                shell.iter().chain([script]).cloned().collect()
            }
        }
    }
}
