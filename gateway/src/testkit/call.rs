//! Calls that a frontend made to the in-memory daemon.

use std::time::Duration;

use buildkit_proto::gateway as wire;

use crate::failure::Failure;

/// Declares the calls: one variant with the request in [`Call`], one without in [`Method`].
macro_rules! calls {
    ($($name:ident($request:ident),)*) => {
        /// A call with its request.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Call {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name(wire::$request),
            )*
            /// The start of `ExecProcess`; its messages are in [`ExecMessage`](Self::ExecMessage).
            ExecProcess,
            /// A message from the frontend within `ExecProcess`.
            ExecMessage(wire::ExecMessage),
        }

        /// The name of a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Method {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name,
            )*
            /// `ExecProcess`.
            ExecProcess,
        }

        impl Call {
            /// Returns the kind of the call.
            pub fn method(&self) -> Method {
                match self {
                    $(Self::$name(_) => Method::$name,)*
                    Self::ExecProcess | Self::ExecMessage(_) => Method::ExecProcess,
                }
            }
        }
    };
}

calls! {
    Evaluate(EvaluateRequest),
    Inputs(InputsRequest),
    NewContainer(NewContainerRequest),
    Ping(PingRequest),
    ReadDir(ReadDirRequest),
    ReadDirContainer(ReadDirRequest),
    ReadFile(ReadFileRequest),
    ReadFileContainer(ReadFileRequest),
    ReleaseContainer(ReleaseContainerRequest),
    ResolveImageConfig(ResolveImageConfigRequest),
    ResolveSourceMeta(ResolveSourceMetaRequest),
    Return(ReturnRequest),
    Solve(SolveRequest),
    StatFile(StatFileRequest),
    StatFileContainer(StatFileRequest),
    Warn(WarnRequest),
}

/// A fault injected into a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The call is answered with an error.
    Refuse(Failure),
    /// The answer is delayed.
    Delay(Duration),
    /// The call is never answered.
    Silence,
    /// The connection is closed.
    HangUp,
}

/// How the frontend ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With a result.
    Result(wire::Result),
    /// With an error.
    Failure(Failure),
}

impl Outcome {
    /// Returns the result, or the error.
    pub fn into_result(self) -> Result<wire::Result, Failure> {
        match self {
            Self::Result(result) => Ok(result),
            Self::Failure(failure) => Err(failure),
        }
    }
}
