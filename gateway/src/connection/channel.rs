//! The HTTP/2 connection, as the service that the generated code calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::body::Body;
use tower_service::Service;

use super::chain;
use crate::error::Error;

/// The HTTP/2 flow control window of a stream, in bytes. Files are read in parts of half this size, so that no read waits for a
/// window update.
const STREAM_WINDOW: u32 = 16 << 20;

/// The HTTP/2 flow control window of the connection, in bytes.
const CONNECTION_WINDOW: u32 = 32 << 20;

/// The maximum size of an answer's headers and trailers in bytes, as in Go's library. The daemon's errors are trailers, which
/// repeat each source file for every location in it, so the default of 16 KiB would end the connection at the first error in a
/// large file.
const HEADER_LIST: u32 = 16 << 20;

/// An HTTP/2 connection. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    sender: SendRequest<Body>,
    /// The reason why the connection ended, once it has.
    end: Arc<OnceLock<String>>,
}

impl Channel {
    /// Sends the preface, and spawns a task that drives the connection until it ends.
    pub(super) async fn open<S>(stream: S) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEADER_LIST)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Error::Disconnected {
                reason: chain(&error),
            })?;
        let end = Arc::new(OnceLock::new());
        let driver_end = Arc::clone(&end);
        tokio::spawn(async move {
            let reason = match connection.await {
                Ok(()) => "buildkitd closed it".to_owned(),
                Err(error) => chain(&error),
            };
            // Only this task sets the cell, and only once.
            let _ = driver_end.set(reason);
        });
        Ok(Self { sender, end })
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Incoming>;
    type Error = ChannelError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ChannelError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ChannelError>> {
        // HTTP/2 queues requests itself, and `call` reports why one can't be sent.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answer = self.sender.send_request(request);
        let end = Arc::clone(&self.end);
        Box::pin(async move {
            answer.await.map_err(|error| match end.get() {
                Some(reason) => ChannelError::Ended(reason.clone()),
                None => ChannelError::Http(error),
            })
        })
    }
}

/// The reason why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChannelError {
    /// The connection had ended already.
    #[error("{0}")]
    Ended(String),
    /// The connection ended during the request, or the other end doesn't speak HTTP/2.
    #[error(transparent)]
    Http(hyper::Error),
}
