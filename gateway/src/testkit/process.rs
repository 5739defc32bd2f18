//! Simulated processes.

use bytes::Bytes;

/// The behavior of a process.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Process {
    pub(super) stdout: Bytes,
    pub(super) stderr: Bytes,
    pub(super) exit_code: u32,
    pub(super) echoes: bool,
    pub(super) waits: bool,
    pub(super) lacks_end_of_output: bool,
}

impl Process {
    /// Creates a process that exits immediately with code 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes to standard output.
    pub fn stdout(mut self, bytes: impl Into<Bytes>) -> Self {
        self.stdout = bytes.into();
        self
    }

    /// Writes to standard error.
    pub fn stderr(mut self, bytes: impl Into<Bytes>) -> Self {
        self.stderr = bytes.into();
        self
    }

    /// Exits with a code.
    pub fn exit_code(mut self, code: u32) -> Self {
        self.exit_code = code;
        self
    }

    /// Copies its standard input to standard output, and exits at the end of the input.
    pub fn echoing(mut self) -> Self {
        self.echoes = true;
        self
    }

    /// Runs until it gets a signal, and then exits with 143 (128 + 15), whatever the signal.
    pub fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Never reports the end of its output, like daemons older than BuildKit 0.29 for a process that exits
    /// immediately.
    pub fn without_end_of_output(mut self) -> Self {
        self.lacks_end_of_output = true;
        self
    }
}
