//! The image that the running frontend was started from.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use buildkit_llb::{Definition, DefinitionError, ReadError, Reference, State};
use thiserror::Error;

use crate::client::source_of;

/// The path at which the daemon mounts the graph of the frontend's image.
const DEFINITION: &str = "/run/config/buildkit/metadata/frontend.bin";

/// The reason why the frontend's own image can't be determined.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CurrentFrontendError {
    /// The daemon's file can't be read.
    #[error("can't read {DEFINITION}")]
    Read(#[from] io::Error),
    /// The daemon's file is not a definition.
    #[error("{DEFINITION} holds no definition")]
    Definition(#[from] DefinitionError),
    /// The definition is not a valid graph.
    #[error("{DEFINITION} can't be used")]
    Import(#[from] ReadError),
}

/// Returns the files of the image that this frontend was started from, as pulled by the daemon: by digest, from wherever the
/// client obtained it. Builds can copy from it or mount it.
///
/// Returns `None` if this process wasn't started by a daemon, or by one older than BuildKit 0.10, which doesn't provide the
/// information.
pub fn current_frontend() -> Result<Option<State>, CurrentFrontendError> {
    read(Path::new(DEFINITION))
}

/// Returns the reference of the image that this frontend was started from, with its digest; `None` if it isn't known.
pub fn current_frontend_image() -> Option<Reference> {
    image(Path::new(DEFINITION))
}

fn image(path: &Path) -> Option<Reference> {
    let definition = Definition::from_bytes(fs::read(path).ok()?).ok()?;
    let (identifier, _) = source_of(&definition)?;
    let reference = identifier.strip_prefix("docker-image://")?;
    let reference = Reference::parse(reference).ok()?;
    reference.digest().is_some().then_some(reference)
}

fn read(path: &Path) -> Result<Option<State>, CurrentFrontendError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let definition = Definition::from_bytes(bytes)?;
    if definition.is_scratch() {
        return Ok(None);
    }
    Ok(Some(State::from_definition(&definition)?))
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Image, MarshalOptions};

    use super::*;

    #[test]
    fn what_the_daemon_wrote_is_gone_on_from() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("frontend.bin");
        assert!(read(&path).expect("no file is no error").is_none());

        let image = Image::new("docker.io/example/frontend@sha256:0000000000000000000000000000000000000000000000000000000000000000")
            .expect("a reference")
            .into_state();
        let definition = image.marshal(&MarshalOptions::new());
        fs::write(&path, definition.to_bytes()).expect("written");
        let reference = super::image(&path).expect("an image");
        assert_eq!(reference.path(), "example/frontend");
        assert!(reference.digest().is_some());
        let state = read(&path).expect("readable").expect("there");
        assert_eq!(state.marshal(&MarshalOptions::new()), definition);

        fs::write(&path, b"\xff").expect("written");
        assert!(matches!(
            read(&path),
            Err(CurrentFrontendError::Definition(_))
        ));
        assert_eq!(super::image(&path), None);
    }
}
