//! What is in a directory of the client, without its content.

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

/// The file that daemons write what they were told into.
const METADATA: &str = ".fsutil-metadata";

/// How much is read of it: enough for some hundred thousand files.
const LIMIT: u64 = 32 << 20;

impl Contexts {
    /// Says what files there are of a directory of the client's: of these paths (patterns as in a shell) with the links on their
    /// way, and of what is in them, without what matches one of other patterns, and without what its ignore file
    /// excludes. [`Stat::path`] is the path from the root of the directory. No content is transferred.
    ///
    /// Gives nothing for files that aren't a directory of the client's, and if the daemon can't look without transferring;
    /// nor if there are too many files to be listed.
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

    /// Gives the files of the main context as [`Contexts::main`] does, and says what there is of these paths as
    /// [`Contexts::list`] does: in one request where the daemon can do that, so that looking costs no time of its own. What the
    /// ignore file excludes is listed too.
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
            // A context that can't be listed is as good as one that isn't.
            None => self.list(&files, paths, without).await.ok().flatten(),
        };
        Ok((files, stats))
    }

    /// Reads the ignore file of the main context, and lists paths of it.
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
            // Whether it is the list that is wrong, or the whole context, is found out by asking for one of them.
            Err(Error::Daemon(_)) => return Ok(None),
            Err(error) => return Err(load()(error)),
        };
        let is_link = |stat: &Stat| stat.path == IGNORE_FILE && stat.kind == FileKind::Symlink;
        let file = match file {
            Ok(file) => IgnoreFile::read(IGNORE_FILE, &file),
            Err(Error::Daemon(_) | Error::IsDirectory { .. }) => match &stats {
                // What a link points to isn't transferred; it is read as if nothing had been listed.
                Some(stats) if !stats.iter().any(is_link) => IgnoreFile::default(),
                _ => return Ok(stats),
            },
            Err(error) => return Err(load()(error)),
        };
        self.keep_ignore_file(file);
        Ok(stats)
    }

    /// Gives the directory of the client with two files: its ignore file, and what is known of these paths.
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

/// Reads what is known of files; nothing if that is too much.
async fn read_list(result: &Ref) -> Result<Option<Vec<Stat>>, Error> {
    match result.read_file_up_to(METADATA, LIMIT).await {
        Ok(bytes) => Ok(read(&bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(Error::FileTooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads messages, each after its length in four bytes.
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
