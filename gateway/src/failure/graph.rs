//! Conversion of graph errors to errors of a build.

use std::error::Error as _;

use buildkit_llb::{Definition, Finding, Source, VerifyError};

use super::{Code, Failure, SourcePosition};

/// The maximum number of source positions sent with a graph's mistakes, each of which clients show
/// as an excerpt.
const SHOWN: usize = 20;

impl Failure {
    /// Creates the error for a graph in which [`Definition::verify`] found mistakes, with all of
    /// them in the message, and with their positions, which clients show as excerpts.
    pub fn from_verify_error(definition: &Definition, error: &VerifyError) -> Self {
        let failure = Self::new(error.to_string()).with_code(Code::InvalidArgument);
        let VerifyError::Findings(findings) = error else {
            return failure;
        };
        let files = definition.source().map(Source::files).unwrap_or_default();
        let locations = findings.iter().flat_map(Finding::locations);
        locations.take(SHOWN).fold(failure, |failure, location| {
            let file = usize::try_from(location.file()).ok();
            let Some(file) = file.and_then(|index| files.get(index)) else {
                return failure;
            };
            failure.at(&SourcePosition {
                file: file.clone(),
                ranges: location.ranges().to_vec(),
            })
        })
    }
}

/// Converts errors of the graph's creator, so that frontends can use `?`.
macro_rules! from_llb {
    ($($error:ident),* $(,)?) => {$(
        impl From<buildkit_llb::$error> for Failure {
            fn from(error: buildkit_llb::$error) -> Self {
                buildkit_llb::Error::from(error).into()
            }
        }
    )*};
}

from_llb!(
    BlobError,
    BuildError,
    ChecksumError,
    DecodeError,
    DefinitionError,
    DigestError,
    GitError,
    HttpError,
    ImageConfigError,
    OciLayoutError,
    OutputError,
    PassthroughError,
    PlatformError,
    ReadError,
    ReferenceError,
    ShellWordsError,
    TimestampError,
    UnsupportedCapability,
    VerifyError,
);

impl From<buildkit_llb::Error> for Failure {
    /// Converts the error and its causes to a message, with the code that says whose mistake it is.
    fn from(error: buildkit_llb::Error) -> Self {
        let code = match error {
            buildkit_llb::Error::Unsupported(_) => Code::Unimplemented,
            _ => Code::InvalidArgument,
        };
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        let message = causes.fold(error.to_string(), |message, cause| {
            format!("{message}: {cause}")
        });
        Self::new(message).with_code(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_graphs_are_failures() {
        fn graph() -> Result<(), Failure> {
            let _ = buildkit_llb::State::image("A B")?;
            Ok(())
        }
        let failure = graph().expect_err("no reference");
        assert_eq!(failure.code(), Code::InvalidArgument);
        assert!(failure.message().contains("A B"), "{failure}");

        let config = buildkit_llb::State::scratch().image_config(br#"{"os": 1}"#);
        let failure = Failure::from(config.expect_err("no config"));
        let message =
            "the image's configuration is not valid JSON of an OCI image: `os` must be a string";
        assert_eq!(failure.message(), message);
    }

    #[test]
    fn mistakes_of_a_graph_have_their_places() {
        use buildkit_llb::{Constrain, Exec, MarshalOptions, Mount, Range, SourceMap, State};

        let map = SourceMap::new("Buildfile", "Text", "one\ntwo\n");
        let exec = Exec::shell("make").mount(Mount::tmpfs("rel"));
        let state = State::local("c").run(exec.named("two").located(&map, [Range::line(2)]));
        let definition = state.root().marshal(&MarshalOptions::new());
        let error = definition.verify().expect_err("a relative path");
        let failure = Failure::from_verify_error(&definition, &error);
        assert_eq!(failure.code(), Code::InvalidArgument);
        assert_eq!(
            failure.message(),
            "Buildfile:2: two: exec.mounts[1].dest must be an absolute path, found `rel`"
        );
        let positions: Vec<_> = failure.positions().collect();
        assert_eq!(positions.len(), 1);
        assert_eq!(&*positions[0].file.data, b"one\ntwo\n");
        assert_eq!(positions[0].ranges, [Range::line(2)]);
    }
}
