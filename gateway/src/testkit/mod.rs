//! An in-memory daemon for tests of frontends.
//!
//! [`Daemon`] speaks the real protocol with a real [`Client`](crate::Client) over an in-memory stream, so that a
//! test covers everything except the pipes. It can't run containers: it knows the files of each *source* of a
//! graph, and the results of operations that a test configures by name ([`Daemon::result_of`],
//! [`Daemon::failure_of`]). It answers reads of graphs that consist of only a source, and accepts all other graphs
//! without building them. It decodes as strictly as a standalone buildkitd, and refuses what would crash one. It
//! can be configured to misbehave: to refuse, wait, hang up, or lack a capability.
//!
//! ```
//! use buildkit_gateway::testkit::{Call, Daemon, Outcome};
//! use buildkit_gateway::{BuildResult, PlatformResult, SolveRequest};
//! # use buildkit_proto::ops::{Definition, Input, Op, SourceOp, op};
//! # use prost::Message;
//! # fn local(name: &str) -> Definition {
//! #     let source = SourceOp { identifier: format!("local://{name}"), ..Default::default() };
//! #     let source = Op { op: Some(op::Op::Source(source)), ..Default::default() };
//! #     let inputs = vec![Input { digest: "sha256:0".into(), index: 0 }];
//! #     let end = Op { inputs, ..Default::default() };
//! #     let def = vec![source.encode_to_vec().into(), end.encode_to_vec().into()];
//! #     Definition { def, ..Default::default() }
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), buildkit_gateway::Error> {
//! let daemon = Daemon::new().local("context", [("Stagefile", "stages: {}")]);
//! let client = daemon.connect().await?;
//!
//! // What the frontend under test would do.
//! let context = client.solve(SolveRequest::definition(local("context"))).await?;
//! let file = context.single_reference().expect("files").read_file("Stagefile").await?;
//! client.return_result(BuildResult::subrequest_answer("{}", file, "1.0.0")).await?;
//!
//! let Some(Outcome::Result(result)) = daemon.outcome() else { panic!("no result") };
//! assert_eq!(result.metadata["result.txt"], "stages: {}");
//! assert_eq!(daemon.calls().len(), 4);
//! # Ok(())
//! # }
//! ```

mod call;
mod daemon;
mod process;
mod running;
mod service;
mod sources;
mod steps;

pub use call::{Call, Fault, Method, Outcome};
pub use daemon::Daemon;
pub use process::Process;
