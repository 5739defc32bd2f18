//! Processes that do as a test says.

use bytes::Bytes;

/// What a process does.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Process {
    pub(super) stdout: Bytes,
    pub(super) stderr: Bytes,
    pub(super) exit_code: u32,
    pub(super) echoes: bool,
    pub(super) waits: bool,
    pub(super) is_forgotten: bool,
}

impl Process {
    /// Ends at once, and well.
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

    /// Ends with a code.
    pub fn exit_code(mut self, code: u32) -> Self {
        self.exit_code = code;
        self
    }

    /// Writes all of its standard input to standard output, and ends when there is no more.
    pub fn echoing(mut self) -> Self {
        self.echoes = true;
        self
    }

    /// Goes on until it gets a signal, and ends with 128 and more then.
    pub fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Is never said to have nothing more to write, as by daemons before BuildKit 0.29 if it ends at once.
    pub fn forgotten(mut self) -> Self {
        self.is_forgotten = true;
        self
    }
}
