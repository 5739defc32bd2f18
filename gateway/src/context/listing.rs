//! What is in a directory of the client, without its content.

use buildkit_llb::Capability;
use buildkit_proto::stat as wire;
use prost::Message;

use super::contexts::Contexts;
use super::files::ContextFiles;
use crate::client::Stat;
use crate::error::Error;

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
        let capabilities = &self.client.capabilities().llb;
        let capability = Capability::SourceLocalMetadataTransfer;
        if capabilities.supports(capability).is_err() || paths.is_empty() {
            return Ok(None);
        }
        let Some(state) = files.metadata(paths, without) else {
            return Ok(None);
        };
        let Some(result) = self.solve(&state).await? else {
            return Ok(None);
        };
        match result.read_file_up_to(METADATA, LIMIT).await {
            Ok(bytes) => Ok(read(&bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(Error::FileTooLarge { .. }) => Ok(None),
            Err(error) => Err(error),
        }
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
