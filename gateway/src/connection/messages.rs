//! Streams of messages.

use buildkit_proto::gateway::ExecMessage;
use tonic::Streaming;

use super::error_of;
use crate::error::Error;

/// The daemon's messages about the processes of containers, in the order of arrival.
#[derive(Debug)]
pub(crate) struct Messages {
    incoming: Streaming<ExecMessage>,
}

impl Messages {
    pub(super) fn new(incoming: Streaming<ExecMessage>) -> Self {
        Self { incoming }
    }

    /// Waits for the next message; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<ExecMessage>, Error> {
        self.incoming
            .message()
            .await
            .map_err(|status| error_of(&status))
    }
}
