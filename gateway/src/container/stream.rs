//! The stream of messages that all processes share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buildkit_proto::gateway::ExecMessage;
use buildkit_proto::gateway::exec_message::Input;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::connection::{Connection, Messages};
use crate::error::Error;
use crate::failure::Failure;

/// The stream. It is opened for the first process, and again after an error.
///
/// If there is an error about one process, the daemon ends the stream, and with it all processes.
#[derive(Debug, Default)]
pub(crate) struct ProcessStream {
    last_id: AtomicU64,
    current: Mutex<Option<Current>>,
}

/// One opened stream.
#[derive(Clone, Debug)]
struct Current {
    outgoing: UnboundedSender<ExecMessage>,
    processes: Processes,
}

/// The channels for the messages about each process.
type Processes = Arc<Mutex<BTreeMap<String, UnboundedSender<Incoming>>>>;

/// A message to a process.
pub(super) type Incoming = Result<Input, StreamEnd>;

/// The reason why there are no more messages.
#[derive(Clone, Debug)]
pub(super) enum StreamEnd {
    Refused(Box<Failure>),
    Lost(String),
}

impl From<StreamEnd> for Error {
    fn from(end: StreamEnd) -> Self {
        match end {
            StreamEnd::Refused(failure) => Self::Daemon(failure),
            StreamEnd::Lost(reason) => Self::Disconnected { reason },
        }
    }
}

impl From<Error> for StreamEnd {
    fn from(error: Error) -> Self {
        match error {
            Error::Daemon(failure) => Self::Refused(failure),
            Error::Disconnected { reason } => Self::Lost(reason),
            other => Self::Lost(other.to_string()),
        }
    }
}

/// One process's part of the stream.
#[derive(Debug)]
pub(super) struct Line {
    process_id: String,
    outgoing: UnboundedSender<ExecMessage>,
    incoming: UnboundedReceiver<Incoming>,
    processes: Processes,
}

impl ProcessStream {
    /// Returns a new ID, unique within this frontend.
    pub(crate) fn next_id(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.last_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Adds a process to the stream, which is opened if necessary.
    pub(super) fn line(&self, connection: &Connection, process_id: String) -> Line {
        let mut current = lock(&self.current);
        let open = current
            .take()
            .filter(|current| !current.outgoing.is_closed());
        let Current {
            outgoing,
            processes,
        } = open.unwrap_or_else(|| Current::open(connection));
        *current = Some(Current {
            outgoing: outgoing.clone(),
            processes: Arc::clone(&processes),
        });

        let (sender, incoming) = mpsc::unbounded_channel();
        lock(&processes).insert(process_id.clone(), sender);
        Line {
            process_id,
            outgoing,
            incoming,
            processes,
        }
    }
}

impl Current {
    fn open(connection: &Connection) -> Self {
        let (outgoing, receiver) = mpsc::unbounded_channel();
        let processes = Processes::default();
        let connection = connection.clone();
        let all = Arc::clone(&processes);
        // The daemon's answer begins with its first message, which follows the first message of
        // this side, so neither may wait for the other.
        tokio::spawn(async move {
            let end = match connection.exec_process(Outgoing(receiver)).await {
                Ok(messages) => distribute(messages, &all).await,
                Err(error) => error.into(),
            };
            for process in std::mem::take(&mut *lock(&all)).into_values() {
                // A process that has stopped listening doesn't need the message.
                let _ = process.send(Err(end.clone()));
            }
        });
        Self {
            outgoing,
            processes,
        }
    }
}

/// Passes messages to their processes until there are no more.
async fn distribute(mut messages: Messages, processes: &Processes) -> StreamEnd {
    loop {
        let message = match messages.next().await {
            Ok(Some(message)) => message,
            Ok(None) => {
                return StreamEnd::Lost("buildkitd ended the stream of processes".to_owned());
            }
            Err(error) => return error.into(),
        };
        let Some(input) = message.input else { continue };
        if let Some(process) = lock(processes).get(&message.process_id) {
            let _ = process.send(Ok(input));
        }
    }
}

impl Line {
    pub(super) fn send(&self, input: Input) -> Result<(), Error> {
        let process_id = self.process_id.clone();
        let message = ExecMessage {
            process_id,
            input: Some(input),
        };
        let ended = || "the stream of processes has ended".to_owned();
        self.outgoing
            .send(message)
            .map_err(|_| Error::Disconnected { reason: ended() })
    }

    pub(super) async fn receive(&mut self) -> Result<Option<Input>, Error> {
        Ok(self.incoming.recv().await.transpose()?)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        lock(&self.processes).remove(&self.process_id);
    }
}

/// Outgoing messages.
struct Outgoing(UnboundedReceiver<ExecMessage>);

impl tokio_stream::Stream for Outgoing {
    type Item = ExecMessage;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<ExecMessage>> {
        self.0.poll_recv(context)
    }
}

/// A poisoned lock is usable: nothing done while holding the locks can fail half way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
