//! Listing of the client's directories without transferring content.

use buildkit_llb::{Capability, Constrain, Differ, State};
use buildkit_proto::stat as wire;
use prost::Message;

use super::Entrypoint;
use super::contexts::{CONTEXT, Contexts, IGNORE_FILE};
use super::error::ContextError;
use super::files::{ContextFiles, fit};
use crate::client::{FileKind, Ref, Stat};
use crate::error::Error;
use crate::ignore::IgnoreFile;

/// The file into which daemons write the metadata of a transfer.
const METADATA: &str = ".fsutil-metadata";

/// The maximum size that is read of it: enough for some hundred thousand files.
const LIMIT: u64 = 32 << 20;

impl Contexts {
    /// Lists files in a directory of the client: these paths (shell patterns) with the links that lead to them, and everything
    /// below them, except for what matches the patterns in `without` or is excluded by the directory's ignore file.
    /// [`Stat::path`] is relative to the root of the directory. No content is transferred.
    ///
    /// Returns `None` for files that aren't in a directory of the client, if the daemon can't list files without transferring
    /// them, or if there are too many files.
    pub async fn list(
        &self,
        files: &ContextFiles,
        paths: &[String],
        without: &[String],
    ) -> Result<Option<Vec<Stat>>, Error> {
        if !self.can_list() || paths.is_empty() {
            return Ok(None);
        }
        let Some(state) = files.metadata(paths, without) else {
            return Ok(None);
        };
        match self.solve(&state).await? {
            None => Ok(None),
            Some(result) => read_list(&result).await,
        }
    }

    /// Returns the files of the main context like [`Contexts::main`], and lists these paths like [`Contexts::list`]: in one
    /// request if the daemon supports that, so that listing takes no extra time. Files that the ignore file excludes are listed
    /// too.
    pub async fn main_and_list(
        &self,
        file: &Entrypoint,
        paths: &[String],
        without: &[String],
    ) -> Result<(ContextFiles, Option<Vec<Stat>>), ContextError> {
        let is_asked = self.asks_for_ignore_file(file) && self.can_list() && !paths.is_empty();
        let fits = fit(
            paths.iter().map(String::as_str),
            without.iter().map(String::as_str),
        );
        let asks = is_asked && fits;
        let listed = if asks {
            self.read_ignore_file_and_list(paths, without).await?
        } else {
            None
        };
        let files = self.main(file).await?;
        let stats = match listed {
            Some(stats) => Some(stats),
            // A context whose listing fails is treated like one that can't be listed.
            None => self.list(&files, paths, without).await.ok().flatten(),
        };
        Ok((files, stats))
    }

    /// Reads the ignore file of the main context, and lists paths in it.
    async fn read_ignore_file_and_list(
        &self,
        paths: &[String],
        without: &[String],
    ) -> Result<Option<Vec<Stat>>, ContextError> {
        let load = || ContextError::load(format!("failed to read {IGNORE_FILE}"));
        let state = self.ignore_file_and_metadata(paths, without);
        let Some(result) = self.solve(&state).await.map_err(load())? else {
            return Ok(None);
        };
        let file = result.read_file(IGNORE_FILE);
        let (file, stats) = tokio::join!(file, read_list(&result));
        let stats = match stats {
            Ok(stats) => stats,
            // A separate request will show whether only the listing fails or the whole context.
            Err(Error::Daemon(_)) => return Ok(None),
            Err(error) => return Err(load()(error)),
        };
        let is_link = |stat: &Stat| stat.path == IGNORE_FILE && stat.kind == FileKind::Symlink;
        let file = match file {
            Ok(file) => IgnoreFile::read(IGNORE_FILE, &file),
            Err(Error::Daemon(_) | Error::IsDirectory { .. }) => match &stats {
                // The target of a link isn't transferred, so a link is read as if nothing had been listed.
                Some(stats) if !stats.iter().any(is_link) => IgnoreFile::default(),
                _ => return Ok(stats),
            },
            Err(error) => return Err(load()(error)),
        };
        self.keep_ignore_file(file);
        Ok(stats)
    }

    /// Returns the client's directory with two files: its ignore file, and the metadata of these paths.
    fn ignore_file_and_metadata(&self, paths: &[String], without: &[String]) -> State {
        self.local(&self.main)
            .follow(paths.iter().map(String::as_str).chain([IGNORE_FILE]))
            .exclude(without)
            .metadata_only([IGNORE_FILE])
            .shared_key_hint(format!("{CONTEXT}-{IGNORE_FILE}"))
            .differ(Differ::None)
            .named(format!(
                "[internal] load {IGNORE_FILE} and the names of files"
            ))
            .into_state()
    }

    fn can_list(&self) -> bool {
        let capabilities = &self.client.capabilities().llb;
        let capability = Capability::SourceLocalMetadataTransfer;
        capabilities.supports(capability).is_ok()
    }
}

/// Reads the metadata of files; `None` if there is too much of it.
async fn read_list(result: &Ref) -> Result<Option<Vec<Stat>>, Error> {
    match result.read_file_up_to(METADATA, LIMIT).await {
        Ok(bytes) => Ok(read(&bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(Error::FileTooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decodes messages, each preceded by its length in four bytes.
fn read(mut bytes: &[u8]) -> Option<Vec<Stat>> {
    let mut stats = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (message, rest) = rest.split_at_checked(length)?;
        stats.push(Stat::from_wire(wire::Stat::decode(message).ok()?));
        bytes = rest;
    }
    bytes.is_empty().then_some(stats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_daemons_write() {
        let mut bytes = Vec::new();
        for path in ["a", "a/b"] {
            let stat = wire::Stat {
                path: path.to_owned(),
                ..wire::Stat::default()
            };
            let message = stat.encode_to_vec();
            bytes.extend(u32::try_from(message.len()).unwrap().to_le_bytes());
            bytes.extend(message);
        }
        let stats = read(&bytes).unwrap();
        let paths: Vec<&str> = stats.iter().map(|stat| stat.path.as_str()).collect();
        assert_eq!(paths, ["a", "a/b"]);
        assert_eq!(read(&[]), Some(Vec::new()));
        for cut in [1, 4, bytes.len() - 1] {
            assert_eq!(read(&bytes[..cut]), None, "{cut}");
        }
    }
}
