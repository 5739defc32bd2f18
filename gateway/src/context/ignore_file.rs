//! Ignore files of local directories, each read once.

use std::sync::{Arc, PoisonError};

use buildkit_llb::{Constrain as _, State};
use tokio::sync::OnceCell;

use super::contexts::{CONTEXT, Contexts, IGNORE_FILE};
use super::error::ContextError;
use crate::error::Error;
use crate::ignore::IgnoreFile;

impl Contexts {
    pub(super) async fn read_ignore_file(&self) -> Result<IgnoreFile, ContextError> {
        let state = self
            .local(&self.main)
            .follow([IGNORE_FILE])
            .shared_key_hint(format!("{CONTEXT}-{IGNORE_FILE}"))
            .differ(buildkit_llb::Differ::None)
            .named(format!("[internal] load {IGNORE_FILE}"))
            .into_state();
        self.read_patterns(&self.main, &state).await
    }

    /// Reports whether the ignore file of the main context still has to be read.
    pub(super) fn asks_for_ignore_file(&self, file: &super::Entrypoint) -> bool {
        self.remote.is_none()
            && file.ignore_file().is_none()
            && !self.ignore_file_of(&self.main).initialized()
    }

    /// Stores the ignore file of the main context.
    pub(super) fn keep_ignore_file(&self, file: IgnoreFile) {
        // It is the same one if it was also read elsewhere in the meantime.
        _ = self.ignore_file_of(&self.main).set(file);
    }

    fn ignore_file_of(&self, directory: &str) -> Arc<OnceCell<IgnoreFile>> {
        let files = self.ignore_files.lock();
        let mut files = files.unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(directory.to_owned()).or_default())
    }

    /// Reads the ignore file of a directory, once for all platforms.
    pub(super) async fn read_patterns(
        &self,
        directory: &str,
        state: &State,
    ) -> Result<IgnoreFile, ContextError> {
        let file = self.ignore_file_of(directory);
        let read = file.get_or_try_init(|| self.read_patterns_now(state));
        read.await.cloned()
    }

    /// Reads the ignore file of a directory. As in Docker's frontend, a file that can't be read is
    /// treated as missing; a missing directory is an error.
    async fn read_patterns_now(&self, state: &State) -> Result<IgnoreFile, ContextError> {
        let load = || ContextError::load(format!("failed to read {IGNORE_FILE}"));
        let Some(files) = self.solve_now(state).await.map_err(load())? else {
            return Ok(IgnoreFile::default());
        };
        match files.read_file(IGNORE_FILE).await {
            Ok(file) => Ok(IgnoreFile::read(IGNORE_FILE, &file)),
            Err(Error::Daemon(_) | Error::IsDirectory { .. }) => Ok(IgnoreFile::default()),
            Err(error) => Err(load()(error)),
        }
    }
}
