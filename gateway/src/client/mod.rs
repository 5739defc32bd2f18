//! The client for the daemon.

mod base_image;
mod image;
mod inputs;
mod reference;
mod resolve;
mod returning;
mod solve;
mod stat;
mod warning;

use std::sync::Arc;
use std::time::Duration;

use buildkit_proto::gateway::PingRequest;
use tokio::io::{AsyncRead, AsyncWrite};

pub use base_image::BaseImage;
pub use reference::Ref;
pub(crate) use reference::{PART, file_range};
pub(crate) use resolve::source_of;
pub use resolve::{
    Attestations, ChecksumAlgorithm, GitMetadata, HttpMetadata, ImageMetadata, ResolveSource,
    SourceMetadata,
};
pub use solve::SolveRequest;
pub use stat::{FileKind, Stat};
pub use warning::Warning;

use crate::capability::Capabilities;
use crate::connection::{Connection, StandardStreams};
use crate::container::ProcessStream;
use crate::error::Error;

/// The time limit for a daemon's first answer, as in Go's frontends.
const FIRST_ANSWER: Duration = Duration::from_secs(15);

/// A frontend's connection to the daemon.
///
/// Clones share the connection; a frontend has exactly one. All calls take `&self` and can run
/// concurrently. Dropping a future cancels its call. If the daemon goes away, every call fails with
/// [`Error::Disconnected`].
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connection: Connection,
    capabilities: Arc<Capabilities>,
    processes: Arc<ProcessStream>,
}

impl Client {
    /// Connects over standard input and output, as a frontend started by the daemon.
    ///
    /// Call this first in `main`, within a Tokio runtime with I/O and time enabled: the daemon
    /// gives up after ten seconds. From then on, nothing else may write to standard output;
    /// standard error goes to the daemon's log.
    pub async fn from_stdio() -> Result<Self, Error> {
        Self::connect(StandardStreams::open()?).await
    }

    /// Connects over any stream of bytes, and asks for the daemon's capabilities. Fails with
    /// [`Error::NoAnswer`] if that takes longer than 15 seconds, as in Go's frontends; use
    /// [`connect_within`](Self::connect_within) for another limit.
    pub async fn connect<S>(stream: S) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::connect_within(FIRST_ANSWER, stream).await
    }

    /// Connects over any stream of bytes, and asks for the daemon's capabilities, within a time
    /// limit that covers both the connection setup and the daemon's first answer.
    pub async fn connect_within<S>(limit: Duration, stream: S) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let connect = async {
            let connection = Connection::open(stream).await?;
            let pong = connection.ping(PingRequest {}).await?;
            Ok::<_, Error>(Shared {
                connection,
                capabilities: Arc::new(Capabilities::from_wire(pong)),
                processes: Arc::default(),
            })
        };
        let shared = tokio::time::timeout(limit, connect)
            .await
            .map_err(|_| Error::NoAnswer { limit })??;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Returns the same client with a time limit for each call, for calls that shouldn't wait for a
    /// build. A call that takes longer fails with [`Error::Deadline`] and is cancelled.
    #[must_use]
    pub fn with_deadline(&self, limit: Duration) -> Self {
        let shared = Shared {
            connection: self.shared.connection.with_deadline(limit),
            capabilities: Arc::clone(&self.shared.capabilities),
            processes: Arc::clone(&self.shared.processes),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns the daemon's capabilities.
    pub fn capabilities(&self) -> &Capabilities {
        &self.shared.capabilities
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.shared.connection
    }

    pub(crate) fn processes(&self) -> &ProcessStream {
        &self.shared.processes
    }
}
