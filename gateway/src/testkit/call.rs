//! What a frontend asked of the daemon in memory.

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
            /// The beginning of `ExecProcess`; what goes through it is in [`ExecMessage`](Self::ExecMessage).
            ExecProcess,
            /// A message of the frontend within `ExecProcess`.
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
            /// Says which call it is.
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

/// What goes wrong with a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It is answered with an error.
    Refuse(Failure),
    /// It is answered late.
    Delay(Duration),
    /// It is never answered.
    Silence,
    /// The connection ends.
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
