//! The transport. Only this module and the test kit depend on how calls are transported.

mod channel;
mod messages;
mod stdio;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use buildkit_proto::gateway as wire;
use buildkit_proto::gateway::llb_bridge_client::LlbBridgeClient;
use http::Uri;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::Stream;

use crate::error::Error;
use crate::failure::Failure;
use channel::Channel;

pub(crate) use messages::Messages;
pub(crate) use stdio::StandardStreams;

/// The maximum size of a message in bytes, in either direction (BuildKit's
/// `defaultGRPCMaxMsgSize`). Messages aren't split: larger content has to be requested in parts.
pub(crate) const MESSAGE_LIMIT: usize = 16 << 20;

/// The connection to the daemon, with a method for each call of the service.
///
/// Clones share the connection. Every call ends: with the daemon's answer, at the deadline if there
/// is one, or with [`Error::Disconnected`] as soon as the other end is gone.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    service: LlbBridgeClient<Channel>,
    deadline: Option<Duration>,
}

impl Connection {
    /// Opens the connection immediately, since the daemon gives up on a frontend that hasn't
    /// started to speak after ten seconds.
    pub(crate) async fn open<S>(stream: S) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let channel = Channel::open(stream).await?;
        // The same as in Go's frontends; the daemon only looks at the path.
        let origin = Uri::from_static("http://localhost");
        let service = LlbBridgeClient::with_origin(channel, origin)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        Ok(Self {
            service,
            deadline: None,
        })
    }

    /// Returns the same connection with a time limit for each call.
    pub(crate) fn with_deadline(&self, deadline: Duration) -> Self {
        Self {
            service: self.service.clone(),
            deadline: Some(deadline),
        }
    }

    /// Opens the stream that all processes of all containers share. It has no deadline, since the
    /// daemon's answer begins with the first message about a process.
    pub(crate) async fn exec_process(
        &self,
        outgoing: impl Stream<Item = wire::ExecMessage> + Send + 'static,
    ) -> Result<Messages, Error> {
        let mut service = self.service.clone();
        let answer = service.exec_process(outgoing).await;
        let incoming = answer.map_err(|status| error_of(&status))?.into_inner();
        Ok(Messages::new(incoming))
    }

    /// Waits for an answer, and converts its error.
    async fn finish<A>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<tonic::Response<A>, tonic::Status>>,
    ) -> Result<A, Error> {
        let answer = match self.deadline {
            None => answer.await,
            Some(limit) => tokio::time::timeout(limit, answer)
                .await
                .map_err(|_| Error::Deadline { call, limit })?,
        };
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| error_of(&status))
    }
}

/// Declares the unary calls.
macro_rules! calls {
    ($($method:ident($name:literal): $request:ident -> $answer:ident,)*) => {
        impl Connection {
            $(
                #[doc = concat!("Calls `", $name, "`.")]
                pub(crate) async fn $method(
                    &self,
                    request: wire::$request,
                ) -> Result<wire::$answer, Error> {
                    let size = request.encoded_len();
                    if size > MESSAGE_LIMIT {
                        return Err(Error::RequestTooLarge { call: $name, size });
                    }
                    let mut service = self.service.clone();
                    self.finish($name, service.$method(request)).await
                }
            )*
        }
    };
}

calls! {
    evaluate("Evaluate"): EvaluateRequest -> EvaluateResponse,
    inputs("Inputs"): InputsRequest -> InputsResponse,
    new_container("NewContainer"): NewContainerRequest -> NewContainerResponse,
    ping("Ping"): PingRequest -> PongResponse,
    read_dir("ReadDir"): ReadDirRequest -> ReadDirResponse,
    read_dir_container("ReadDirContainer"): ReadDirRequest -> ReadDirResponse,
    read_file("ReadFile"): ReadFileRequest -> ReadFileResponse,
    read_file_container("ReadFileContainer"): ReadFileRequest -> ReadFileResponse,
    release_container("ReleaseContainer"): ReleaseContainerRequest -> ReleaseContainerResponse,
    resolve_image_config("ResolveImageConfig"): ResolveImageConfigRequest -> ResolveImageConfigResponse,
    resolve_source_meta("ResolveSourceMeta"): ResolveSourceMetaRequest -> ResolveSourceMetaResponse,
    r#return("Return"): ReturnRequest -> ReturnResponse,
    solve("Solve"): SolveRequest -> SolveResponse,
    stat_file("StatFile"): StatFileRequest -> StatFileResponse,
    stat_file_container("StatFileContainer"): StatFileRequest -> StatFileResponse,
    warn("Warn"): WarnRequest -> WarnResponse,
}

/// Distinguishes an error sent by the daemon from one of the connection itself: only the latter has
/// a cause on this side.
fn error_of(status: &tonic::Status) -> Error {
    match std::error::Error::source(status) {
        Some(cause) => Error::Disconnected {
            reason: chain(cause),
        },
        None => Error::Daemon(Box::new(Failure::from_wire(
            i32::from(status.code()),
            status.message(),
            status.details(),
        ))),
    }
}

/// Formats an error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}
