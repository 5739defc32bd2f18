//! Timestamps of contexts.

use buildkit_llb::{Definition, MarshalOptions, State};

use super::contexts::{Contexts, is_http};
use super::error::ContextError;
use crate::client::{ResolveSource, source_of};
use crate::error::Error;

impl Contexts {
    /// Returns the time of the main context, in seconds since 1970: that of the commit, or of the file on a server, or of
    /// the newest file in an archive whose server reports no time. Directories of the client, inputs, and other files
    /// without a time from the server have none.
    ///
    /// Used for [`Epoch::Context`](crate::options::Epoch::Context).
    pub async fn epoch(&self) -> Result<Option<i64>, ContextError> {
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        let Some(source) = &remote.source else {
            return Ok(None);
        };
        let name = "[internal] resolve main build context metadata";
        let definition = source.marshal(&MarshalOptions::new());
        match (self.said_epoch(&definition, name).await?, &remote.archive) {
            (None, Some(archive)) => self.newest_of(archive).await.map_err(no_time(name)),
            (said, _) => Ok(said),
        }
    }

    /// Returns the time of a source, in seconds since 1970: that of a commit, or of a file on a server, or of the newest
    /// file in an archive whose server reports no time. Images, results of several operations, and other files without a
    /// time from the server have none.
    ///
    /// The name is shown in progress output. Used for [`Epoch::Named`](crate::options::Epoch::Named).
    pub async fn epoch_of(&self, source: &State, name: &str) -> Result<Option<i64>, ContextError> {
        let definition = source.marshal(&MarshalOptions::new());
        if let Some(said) = self.said_epoch(&definition, name).await? {
            return Ok(Some(said));
        }
        let file = source_of(&definition).and_then(|(identifier, mut attributes)| {
            is_http(&identifier).then(|| attributes.remove("http.filename"))?
        });
        match file {
            None => Ok(None),
            Some(file) => self.newest_in(source, &file).await.map_err(no_time(name)),
        }
    }

    /// Asks the daemon for the time of a source's last change.
    async fn said_epoch(
        &self,
        source: &Definition,
        name: &str,
    ) -> Result<Option<i64>, ContextError> {
        let Some((identifier, attributes)) = source_of(source) else {
            return Ok(None);
        };
        let request = ResolveSource::source(identifier, attributes)
            .named(name)
            .with_git_objects();
        let metadata = self.client.resolve_source(request);
        let metadata = metadata.await.map_err(no_time(name))?;
        if let Some(git) = metadata.git {
            return Ok(git.committed());
        }
        let modified = metadata.http.and_then(|http| http.last_modified);
        let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Ok(since.and_then(|since| i64::try_from(since.as_secs()).ok()))
    }

    /// Returns the reason why [`Contexts::epoch`] returns no time.
    pub fn no_epoch_reason(&self) -> &'static str {
        let source = self.remote.as_ref().map(|remote| remote.source.is_some());
        if source == Some(true) {
            "the daemon doesn't say when the build context was changed; newer ones do for git, and for servers that send \
             `Last-Modified` or an archive"
        } else {
            "only a build context from git or a server has a time, and this one is a directory"
        }
    }
}

fn no_time(name: &str) -> impl FnOnce(Error) -> ContextError {
    ContextError::load(format!("failed to resolve the time of {name}"))
}
