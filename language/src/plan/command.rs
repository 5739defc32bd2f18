//! A program that an image, a step or a check runs.

/// The shell of scripts in an image that names none, as Docker has it.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A script for a shell.
    Script(String),
    /// The program and its arguments.
    Arguments(Vec<String>),
}

impl Command {
    /// Lists the program and its arguments, where an image has this shell; an empty one stands for Docker's.
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
