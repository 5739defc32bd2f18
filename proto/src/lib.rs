//! The messages and the service that BuildKit speaks with its frontends.
//!
//! This crate is the wire and nothing else: what is on it is what the `.proto` files of the folder
//! `proto` say, in the numbers and types of BuildKit 0.32, and no logic is here. Graphs are
//! better made with the crate `stagefile-llb`, and a frontend better talks through
//! `stagefile-gateway`.
//!
//! Maps are [`BTreeMap`](std::collections::BTreeMap)s, so that no output depends on the order of a
//! hash, and every `bytes` field is a [`Bytes`](bytes::Bytes), which is shared rather than copied.
//!
//! Every entry of a map is written with its key and its value, also where one is the default, which plain `prost`
//! leaves out: a standalone buildkitd crashes on an entry without a value. [`strict`] decodes as such a daemon should.
//!
//! ```
//! use buildkit_proto::ops::{Definition, Op, SourceOp, op};
//! use prost::Message;
//!
//! let image = Op {
//!     op: Some(op::Op::Source(SourceOp {
//!         identifier: "docker-image://docker.io/library/alpine:latest".to_owned(),
//!         ..SourceOp::default()
//!     })),
//!     ..Op::default()
//! };
//! let definition = Definition { def: vec![image.encode_to_vec().into()], ..Definition::default() };
//! assert_eq!(Definition::decode(definition.encode_to_vec().as_slice())?, definition);
//! # Ok::<(), prost::DecodeError>(())
//! ```
//!
//! **Beware of digests.** A vertex is named by the SHA-256 of its encoding, and the daemon encodes
//! as Go does. What `prost` writes for an [`ops::Op`] isn't the same bytes, since the order of fields differs: it decodes
//! to the same graph, but under digests that the daemon doesn't know. `stagefile-llb` writes Go's bytes.
//!
//! The code is made by the program `proto/generate` of the repository and checked in, so that
//! nobody needs a protobuf compiler. By default it is messages alone; the feature `client` adds the side of the service
//! that a frontend calls, and `server` the daemon's, both with `tonic`.

pub mod strict;
mod wire;

/// Declares the module of a generated file. The files are as their generator writes them, so the
/// lints on style don't apply; fields whose name says it all have no comment.
macro_rules! generated {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[allow(
            missing_docs,
            clippy::all,
            clippy::pedantic,
            clippy::allow_attributes,
            reason = "generated code"
        )]
        pub mod $name {
            include!(concat!("generated/", stringify!($name), ".rs"));
        }
    };
}

generated! {
    /// Capabilities of a daemon (`moby.buildkit.v1.apicaps`).
    caps
}
generated! {
    /// The service that a frontend calls, and its messages (`moby.buildkit.v1.frontend`).
    gateway
}
generated! {
    /// The graph of operations (`pb`).
    ops
}
generated! {
    /// Rules about sources (`moby.buildkit.v1.sourcepolicy`).
    source_policy
}
generated! {
    /// What is known of a file (`fsutil.types`).
    stat
}
generated! {
    /// Errors on the wire (`google.rpc`).
    status
}
generated! {
    /// What runs builds (`moby.buildkit.v1.types`).
    worker
}
