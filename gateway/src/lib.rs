//! A frontend's connection to BuildKit.
//!
//! A *frontend* is a program in an image. BuildKit starts it to turn a file of some language into a graph
//! of operations, and talks with it over standard input and output. This crate is the frontend's side
//! of that talk, and of everything that clients such as `docker buildx build` expect of a
//! frontend. Graphs themselves come from `stagefile-llb`.
//!
//! - [`Client`] makes the calls: [solve](Client::solve) a graph, [read files](Ref::read_file) of its
//!   result, [look up](Client::resolve_source) images, [warn](Client::warn), and
//!   [return](Client::return_result) the outcome.
//! - [`Environment`] and [`options`] hold what the client asks for, [`context`] where files come from.
//! - [`BuildResult`], [`ImageConfig`] and [`Failure`] are what the client gets.
//! - [`container`] runs processes while the graph is made, [`sbom`] scans for software.
//! - [`capability`] says what the daemon can do, and what happens where it can't.
//! - [`current_frontend`] is the image that the frontend itself was started from.
//! - [`subrequest`] answers what clients ask in place of a build.
//! - [`ignore`] and [`directive`] read files that all frontends share.
//! - `testkit` (a cargo feature) is a daemon in memory for your tests.
//!
//! Underneath, [`failure`], [`options`] and [`capability`] know nothing of one another; [`Error`] is above these three and says
//! how it becomes a [`Failure`]; the connection, the client and all the rest are above [`Error`].
//!
//! # A frontend, step by step
//!
//! The whole of it is in `examples/tiny-frontend`: a language with four words. `examples/package-list` has checks, secrets and
//! attestations as well.
//!
//! **Connect first of all.** The daemon gives up on a frontend that hasn't spoken within ten seconds. [`serve`] connects, runs a
//! build, and returns whatever it comes to:
//!
//! ```no_run
//! use buildkit_gateway::{BuildResult, Client, Environment, Error, Failure};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     buildkit_gateway::serve(build).await
//! }
//!
//! async fn build(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
//!     # let _ = (client, environment);
//!     Err(Failure::new("not written yet"))
//! }
//! ```
//!
//! **Find out what is asked for.** All options are checked at once, and [questions](subrequest) that the frontend can't
//! answer are refused in the way that clients understand:
//!
//! ```
//! # use buildkit_gateway::{Environment, Failure, Options, subrequest};
//! fn options(environment: &Environment) -> Result<Options, Failure> {
//!     let options = environment.parse_options()?;
//!     subrequest::refuse(&options)?;
//!     Ok(options)
//! }
//! ```
//!
//! **Read the file, and use the context.** Wherever they come from, only what the build uses is
//! transferred, and `.dockerignore` counts:
//!
//! ```
//! # use buildkit_gateway::{Client, Contexts, Environment, Failure, Options};
//! # async fn example(client: &Client, options: &Options, environment: &Environment) -> Result<(), Failure> {
//! let contexts = Contexts::find(client, options, &environment.session_id).await?;
//! let file = contexts.entrypoint("Tinyfile", "Text").await?;
//! let context = contexts.main(&file).await?.with_paths(["src"]);
//! # let _ = context;
//! # Ok(())
//! # }
//! ```
//!
//! **Build a graph on an image**, for all platforms that are asked for at the same time, and return the result with the
//! image's configuration:
//!
//! ```
//! # use buildkit_gateway::{BuildResult, Client, Environment, Failure, Options};
//! # use buildkit_llb::{Constrain as _, Exec};
//! # async fn example(client: &Client, environment: &Environment, options: &Options) -> Result<BuildResult, Failure> {
//! client.images(environment, options, async |platform| {
//!     let base = client.base("alpine", platform, options.resolve_mode).await?;
//!     let (state, mut image) = base.into_image()?;
//!     image.config.set_entrypoint(["/bin/date"]);
//!     let run = options.apply_to(Exec::shell("date > /built").named("note the time"));
//!     Ok((state.run(run).root(), image))
//! })
//! .await
//! # }
//! ```
//!
//! **Show mistakes where they are.** Clients print an excerpt of the file for every
//! [position](Failure::at); a failing command shows its line if its operation was
//! `located` in the file's [source map](context::Entrypoint::source_map). For a language with a statement on each line, a
//! [`Line`](context::Line) does both.
//!
//! # The image of a frontend
//!
//! - The program is the **entrypoint**; the command, the user and what is called `/run` don't count.
//! - The label `moby.buildkit.frontend.caps` lists what the frontend understands
//!   (`moby.buildkit.frontend.inputs`, `.subrequests`, `.contexts`, `.gitquerystring`, each with the whole
//!   prefix). Clients can't ask questions, nor give contexts or inputs, without it.
//! - The label `moby.buildkit.frontend.network.none=true` takes the network away, which this crate doesn't
//!   need.
//! - Nothing may be printed to standard output. What goes to standard error ends up in the daemon's log.
//!
//! # Where the daemon is old
//!
//! BuildKit's daemons differ in what they can do, and say so. Every call of this crate that not all of them
//! understand asks first, and [one table](capability::table) says for each what happens without: the call
//! does it in another way, or fails with an error that names the version of BuildKit that is needed.

pub mod build_result;
pub mod capability;
mod client;
mod connection;
pub mod container;
pub mod context;
mod current_frontend;
pub mod directive;
mod environment;
mod error;
pub mod failure;
pub mod ignore;
pub mod options;
mod platform;
pub mod sbom;
mod serve;
pub mod subrequest;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use build_result::{Annotation, Attestation, BuildResult, PlatformResult};
pub use buildkit_image_config as image_config;
pub use buildkit_image_config::{ImageConfig, ImageConfigError};
pub use capability::Capabilities;
pub use client::{
    Attestations, Base, ChecksumAlgorithm, Client, FileKind, GitMetadata, HttpMetadata,
    ImageMetadata, Ref, ResolveSource, SolveRequest, SourceMetadata, Stat, Warning,
};
pub use context::Contexts;
pub use current_frontend::{CurrentFrontendError, current_frontend, current_frontend_image};
pub use environment::Environment;
pub use error::Error;
pub use failure::{Code, Failure, SourcePosition};
pub use options::{CacheImport, Options};
pub use serve::serve;
