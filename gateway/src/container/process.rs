//! Processes in containers.

use std::time::Duration;

use buildkit_proto::gateway::exec_message::Input;
use buildkit_proto::gateway::{FdMessage, ResizeMessage, SignalMessage};
use bytes::{Bytes, BytesMut};

use super::process_request::ProcessRequest;
use super::stream::Line;
use crate::capability::table;
use crate::client::Client;
use crate::error::Error;

/// The time that the daemon may take to forward a process's output after its end.
const LAST_MESSAGE: Duration = Duration::from_secs(2);

/// A process in a container.
///
/// The process's output is kept in memory until [`next`](Self::next) returns it. Dropping this value
/// closes the process's standard input. While the input is open, older daemons may not report that the
/// process has ended, so start a process that reads nothing [without
/// input](ProcessRequest::without_input).
#[derive(Debug)]
pub struct Process {
    client: Client,
    line: Line,
    exit_code: Option<u32>,
    reason: String,
    has_input: bool,
}

/// Output of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Standard output, or the output of its terminal.
    Stdout(Bytes),
    /// Standard error.
    Stderr(Bytes),
}

/// The result of a process that has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessOutput {
    /// The exit code; 255 if it isn't known or the process never started.
    pub exit_code: u32,
    /// The daemon's message for a code other than 0: the code again, or the reason why the process never
    /// started.
    pub reason: String,
    /// The output to standard output.
    pub stdout: Bytes,
    /// The output to standard error.
    pub stderr: Bytes,
}

impl Process {
    pub(super) fn start(
        client: &Client,
        container_id: &str,
        request: ProcessRequest,
    ) -> Result<Self, Error> {
        let has_input = request.has_input();
        let processes = client.processes();
        let id = processes.next_id(&format!("{container_id}:"));
        let line = processes.line(client.connection(), id);
        line.send(Input::Init(request.into_wire(container_id)))?;
        Ok(Self {
            client: client.clone(),
            line,
            exit_code: None,
            reason: String::new(),
            has_input,
        })
    }

    /// Waits for the next output of the process; `None` after its end.
    pub async fn next(&mut self) -> Result<Option<Output>, Error> {
        while let Some(message) = self.receive().await? {
            match message {
                Input::File(FdMessage { fd, data, .. }) if !data.is_empty() => match fd {
                    1 => return Ok(Some(Output::Stdout(data))),
                    2 => return Ok(Some(Output::Stderr(data))),
                    _ => {}
                },
                // The caller gets the exit code separately, so it isn't an error here. Output may still
                // follow, and the daemon waits for the end of the input before it reports the end of the
                // output.
                Input::Exit(exit) => {
                    self.exit_code = Some(exit.code);
                    self.reason = exit.error.map(|error| error.message).unwrap_or_default();
                    self.close_input()?;
                }
                Input::Done(_) => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Waits for the next message, but only for a limited time once the process has ended: daemons older
    /// than BuildKit 0.29 may not report the end of the output of a process that ended immediately.
    async fn receive(&mut self) -> Result<Option<Input>, Error> {
        let message = self.line.receive();
        if self.exit_code.is_none() {
            return message.await;
        }
        tokio::time::timeout(LAST_MESSAGE, message)
            .await
            .unwrap_or(Ok(None))
    }

    /// Closes the input, waits for the end of the process, and collects its output until then.
    pub async fn finish(mut self) -> Result<ProcessOutput, Error> {
        // Nothing more can be written, and daemons older than BuildKit 0.31 don't notice the end of a
        // process whose input is open.
        self.close_input()?;
        let (mut stdout, mut stderr) = (BytesMut::new(), BytesMut::new());
        while let Some(output) = self.next().await? {
            match output {
                Output::Stdout(bytes) => stdout.extend_from_slice(&bytes),
                Output::Stderr(bytes) => stderr.extend_from_slice(&bytes),
            }
        }
        let missing = "how the process ended";
        let exit_code = self.exit_code.ok_or(Error::Incomplete {
            call: "ExecProcess",
            missing,
        })?;
        Ok(ProcessOutput {
            exit_code,
            reason: std::mem::take(&mut self.reason),
            stdout: stdout.freeze(),
            stderr: stderr.freeze(),
        })
    }

    /// Returns the exit code, once [`next`](Self::next) has returned `None`.
    pub fn exit_code(&self) -> Option<u32> {
        self.exit_code
    }

    /// Writes to the process's standard input or terminal. Anything written after the end of the input is
    /// dropped.
    ///
    /// The daemon ends all processes if it is asked to write to one that has ended, so don't write to a
    /// process that may end on its own.
    pub fn write(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        if !self.has_input {
            return Ok(());
        }
        self.line.send(Input::File(FdMessage {
            fd: 0,
            eof: false,
            data: bytes.into(),
        }))
    }

    /// Closes the process's standard input.
    pub fn close_input(&mut self) -> Result<(), Error> {
        // The daemon treats a second end of the input as an error.
        if !std::mem::take(&mut self.has_input) {
            return Ok(());
        }
        self.line.send(Input::File(FdMessage {
            fd: 0,
            eof: true,
            data: Bytes::new(),
        }))
    }

    /// Sets the size of the process's terminal.
    pub fn resize(&mut self, rows: u32, columns: u32) -> Result<(), Error> {
        self.line.send(Input::Resize(ResizeMessage {
            rows,
            cols: columns,
        }))
    }

    /// Sends a signal, given by its name without `SIG`.
    pub fn signal(&mut self, name: impl Into<String>) -> Result<(), Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::EXEC_SIGNALS)?;
        self.line
            .send(Input::Signal(SignalMessage { name: name.into() }))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // If the stream has ended, so has the input.
        let _ = self.close_input();
    }
}
