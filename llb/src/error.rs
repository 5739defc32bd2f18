//! One error for programs that don't tell the errors of this crate apart.

use thiserror::Error as ThisError;

use crate::{
    BlobError, BuildError, ChecksumError, DecodeError, DefinitionError, DigestError, GitError,
    HttpError, ImageConfigError, OciLayoutError, OutputError, PassthroughError, PlatformError,
    ReadError, ReferenceError, ShellWordsError, TimestampError, UnsupportedCapability, VerifyError,
};

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident($error:ident),)*) => {
        /// Any error of this crate. Every other one turns into it, so that a function which makes a
        /// graph can use `?` throughout:
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
    /// A blob of a registry has no valid name.
    Blob(BlobError),
    /// A build has no file to build from.
    Build(BuildError),
    /// A checksum isn't one.
    Checksum(ChecksumError),
    /// Bytes are no message of the wire.
    Decode(DecodeError),
    /// Bytes are no definition.
    Definition(DefinitionError),
    /// A digest isn't one.
    Digest(DigestError),
    /// A Git repository has no valid address, or options that exclude each other.
    Git(GitError),
    /// An address of a download isn't one.
    Http(HttpError),
    /// An image's configuration can't be read.
    ImageConfig(ImageConfigError),
    /// The name of an OCI layout isn't one.
    OciLayout(OciLayoutError),
    /// A run has no result at a path.
    Output(OutputError),
    /// Nothing can be passed on.
    Passthrough(PassthroughError),
    /// A platform can't be read.
    Platform(PlatformError),
    /// A definition is no whole graph.
    Read(ReadError),
    /// A reference of an image can't be read.
    Reference(ReferenceError),
    /// A command line can't be split into words.
    ShellWords(ShellWordsError),
    /// A time is out of range.
    Timestamp(TimestampError),
    /// The daemon lacks what a graph needs.
    Unsupported(UnsupportedCapability),
    /// A daemon would refuse a graph.
    Verify(VerifyError),
}
