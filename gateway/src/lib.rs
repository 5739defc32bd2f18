//! A frontend's connection to BuildKit.
//!
//! A frontend is a program in an image. BuildKit starts it to turn a file of some language into a graph
//! of operations, and talks with it over standard input and output. This crate is the frontend's side
//! of that talk, and of everything that clients such as `docker buildx build` expect of a
//! frontend; graphs themselves come from `buildkit-llb`.
//!
//! - [`Client`] makes the calls: [solve](Client::solve) a graph, [read files](Ref::read_file) of its
//!   result, [look up](Client::resolve_source) images, [warn](Client::warn), and
//!   [return](Client::return_result) the outcome.
//! - [`Environment`] and [`options`] hold what the client asks for.
//! - [`BuildResult`], [`ImageConfig`] and [`Failure`] are what it gets.
//! - [`capability`] says what the daemon can do, and what happens where it can't.

pub mod build_result;
pub mod capability;
mod client;
mod connection;
pub mod container;
pub mod context;
pub mod directive;
mod environment;
mod error;
pub mod failure;
pub mod ignore;
pub mod image_config;
pub mod options;
mod platform;
pub mod sbom;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use build_result::{Annotation, Attestation, BuildResult, PlatformResult};
pub use capability::Capabilities;
pub use client::{
    Attestations, CacheImport, ChecksumAlgorithm, Client, FileKind, GitMetadata, HttpMetadata,
    ImageMetadata, Ref, ResolveSource, SolveRequest, SourceMetadata, Stat, Warning,
};
pub use context::Contexts;
pub use environment::Environment;
pub use error::Error;
pub use failure::{Code, Failure, SourcePosition};
pub use image_config::{ImageConfig, ImageConfigError};
pub use options::Options;
