//! A single error type that covers all errors of this crate.

use thiserror::Error as ThisError;

use crate::{
    BlobError, BuildError, ChecksumError, DecodeError, DefinitionError, DigestError, GitError,
    HttpError, ImageConfigError, OciLayoutError, OutputError, PassthroughError, PlatformError,
    ReadError, ReferenceError, ShellWordsError, TimestampError, UnsupportedCapability, VerifyError,
};

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident($error:ident),)*) => {
        /// Any error of this crate. All other error types convert to it, so that a function which
        /// makes a graph can use `?` throughout:
        ///
        /// ```
        /// use buildkit_llb::{Definition, Error, Exec, Git, MarshalOptions, Mount, State};
        ///
        /// fn graph() -> Result<Definition, Error> {
        ///     let source = Git::new("https://github.com/moby/buildkit.git#v0.32.0").into_state()?;
        ///     let run = State::image("golang:1.22")?.run(
        ///         Exec::words("go build -o /out/ ./cmd/buildctl")?
        ///             .mount(Mount::bind("/src", &source).readonly())
        ///             .mount(Mount::scratch("/out")),
        ///     );
        ///     Ok(run.output("/out")?.marshal(&MarshalOptions::new()))
        /// }
        /// # graph().unwrap();
        /// ```
        #[derive(Debug, ThisError)]
        #[non_exhaustive]
        pub enum Error {
            $(
                $(#[$doc])*
                #[error(transparent)]
                $variant(#[from] $error),
            )*
        }
    };
}

errors! {
    /// A blob reference is invalid.
    Blob(BlobError),
    /// A build has no file to build from.
    Build(BuildError),
    /// A checksum is invalid.
    Checksum(ChecksumError),
    /// Bytes are not a valid protobuf message.
    Decode(DecodeError),
    /// Bytes are not a definition.
    Definition(DefinitionError),
    /// A digest is invalid.
    Digest(DigestError),
    /// A Git repository's URL is invalid, or options exclude each other.
    Git(GitError),
    /// A download URL is invalid.
    Http(HttpError),
    /// An image's configuration can't be parsed.
    ImageConfig(ImageConfigError),
    /// A reference to an image in an OCI layout is invalid.
    OciLayout(OciLayoutError),
    /// A run has no output at a path.
    Output(OutputError),
    /// A passthrough has nothing to pass on.
    Passthrough(PassthroughError),
    /// A platform can't be parsed.
    Platform(PlatformError),
    /// A definition is not a complete graph.
    Read(ReadError),
    /// An image reference can't be parsed.
    Reference(ReferenceError),
    /// A command line can't be split into words.
    ShellWords(ShellWordsError),
    /// A time is out of range.
    Timestamp(TimestampError),
    /// The daemon lacks a capability that a graph needs.
    Unsupported(UnsupportedCapability),
    /// A daemon would refuse the graph.
    Verify(VerifyError),
}
