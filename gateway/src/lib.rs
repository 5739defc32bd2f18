//! A library for writing BuildKit frontends: the connection to the daemon, and the conventions of clients.
//!
//! A *frontend* is a program in an image. BuildKit starts it to convert a file in some language to a graph of operations, and
//! communicates with it over standard input and output. This crate implements the frontend's side of the protocol, and what
//! clients such as `docker buildx build` expect of a frontend. The graphs themselves are created with `stagefile-llb`.
//!
//! - [`Client`] makes the calls: [solve](Client::solve) a graph, [read files](Ref::read_file) of its result,
//!   [resolve](Client::resolve_source) images, [warn](Client::warn), and [return](Client::return_result) the result.
//! - [`Environment`] and [`options`] contain what the client requests; [`context`] loads files.
//! - [`BuildResult`], [`ImageConfig`] and [`Failure`] are returned to the client.
//! - [`container`] runs processes while the graph is created; [`sbom`] runs SBOM scanners.
//! - [`capability`] lists what the daemon supports, and what happens where it lacks something.
//! - [`current_frontend`] is the image that the frontend itself was started from.
//! - [`subrequest`] answers requests of clients other than builds.
//! - [`ignore`] and [`directive`] parse files that all frontends share.
//! - `testkit` (a Cargo feature) is an in-memory daemon for tests.
//!
//! Internally, [`failure`], [`options`] and [`capability`] don't depend on one another. [`Error`] depends on these three and
//! converts to a [`Failure`]; the connection, the client and everything else depend on [`Error`].
//!
//! # A frontend, step by step
//!
//! The complete program is in `examples/tiny-frontend`: a language with four words. `examples/package-list` also has checks,
//! secrets and attestations.
//!
//! **Connect first.** The daemon gives up on a frontend that hasn't spoken within ten seconds. [`serve`] connects, runs a build,
//! and returns its result or error:
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
//! **Parse the options.** All options are validated at once, and [subrequests](subrequest) that the frontend doesn't support are
//! refused in the way that clients expect:
//!
//! ```
//! # use buildkit_gateway::{Environment, Failure, Options, subrequest};
//! fn options(environment: &Environment) -> Result<Options, Failure> {
//!     let options = environment.parse_options()?;
//!     subrequest::reject_all(&options)?;
//!     Ok(options)
//! }
//! ```
//!
//! **Read the file, and use the context.** Wherever these come from, only the files that the build uses are transferred, and
//! `.dockerignore` is respected:
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
//! **Build a graph on an image**, for all requested platforms concurrently, and return the result with the image's
//! configuration:
//!
//! ```
//! # use buildkit_gateway::{BuildResult, Client, Environment, Failure, Options};
//! # use buildkit_llb::{Constrain as _, Exec};
//! # async fn example(client: &Client, environment: &Environment, options: &Options) -> Result<BuildResult, Failure> {
//! client.images(environment, options, async |platform| {
//!     let base = client.resolve_base("alpine", platform, options.resolve_mode).await?;
//!     let (state, mut image) = base.into_image()?;
//!     image.config.set_entrypoint(["/bin/date"]);
//!     let run = options.apply_to(Exec::shell("date > /built").named("note the time"));
//!     Ok((state.run(run).root(), image))
//! })
//! .await
//! # }
//! ```
//!
//! **Report mistakes with positions.** Clients print an excerpt of the file for every [position](Failure::at). A failing command
//! shows its line if its operation was `located` in the file's [source map](context::Entrypoint::source_map). For a language
//! with one statement per line, [`Line`](context::Line) does both.
//!
//! # The image of a frontend
//!
//! - The program is the **entrypoint**; the command, the user and a mount at `/run` have no effect.
//! - The label `moby.buildkit.frontend.caps` lists the frontend's capabilities (`moby.buildkit.frontend.inputs`, `.subrequests`,
//!   `.contexts`, `.gitquerystring`, each with the full prefix). Without it, clients can't send subrequests, contexts or inputs.
//! - The label `moby.buildkit.frontend.network.none=true` disables the network, which this crate doesn't need.
//! - Nothing may be printed to standard output. Standard error goes to the daemon's log.
//!
//! # Older daemons
//!
//! BuildKit's daemons differ in their capabilities, and list them. Every call of this crate that some daemons lack checks for it
//! first, and [one table](capability::table) says what happens without it: the call works in another way, or fails with an error
//! that names the required version of BuildKit.

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
    Attestations, BaseImage, ChecksumAlgorithm, Client, FileKind, GitMetadata, HttpMetadata,
    ImageMetadata, Ref, ResolveSource, SolveRequest, SourceMetadata, Stat, Warning,
};
pub use context::Contexts;
pub use current_frontend::{CurrentFrontendError, current_frontend, current_frontend_image};
pub use environment::Environment;
pub use error::Error;
pub use failure::{Code, Failure, SourcePosition};
pub use options::{CacheImport, Options};
pub use serve::serve;
