//! Results of graphs.

use std::fmt;
use std::sync::Arc;

use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Definition;
use bytes::{Bytes, BytesMut};

use super::{Client, Stat};
use crate::capability::table;
use crate::error::Error;

/// How many bytes of a file are asked for at once: half of what one message may have.
pub(crate) const PART: u64 = 8 << 20;

/// The file system that a graph results in, whether it is built already or not.
///
/// Every method that looks into it builds it first, so errors of the build show up here. An empty
/// file system has no `Ref`.
#[derive(Clone)]
pub struct Ref {
    client: Client,
    inner: Arc<Inner>,
}

struct Inner {
    id: String,
    definition: Option<Definition>,
}

impl Ref {
    /// Reads a reference, which names nothing if the file system is empty.
    pub(crate) fn from_wire(client: &Client, reference: wire::Ref) -> Option<Self> {
        let wire::Ref {
            id,
            def: definition,
        } = reference;
        let inner = Inner { id, definition };
        (!inner.id.is_empty()).then(|| Self {
            client: client.clone(),
            inner: Arc::new(inner),
        })
    }

    /// Gives the name by which the daemon knows it, for as long as this build runs.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Gives the graph that it is the result of, for use in another graph.
    ///
    /// Fails on a daemon without [`REFERENCE_OUTPUT`](table::REFERENCE_OUTPUT).
    pub fn definition(&self) -> Result<&Definition, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::REFERENCE_OUTPUT)?;
        let missing = Error::Incomplete {
            call: "Solve",
            missing: "the result's definition",
        };
        self.inner.definition.as_ref().ok_or(missing)
    }

    /// Builds it now. Results are otherwise built when they are looked into or returned.
    pub async fn evaluate(&self) -> Result<(), Error> {
        if self
            .client
            .capabilities()
            .gateway
            .supports(&table::EVALUATE)
        {
            let request = wire::EvaluateRequest {
                r#ref: self.inner.id.clone(),
            };
            self.client.connection().evaluate(request).await?;
        } else {
            self.stat_file(".").await?;
        }
        Ok(())
    }

    /// Reads a file of whatever size. Symbolic links are followed within the result.
    pub async fn read_file(&self, path: &str) -> Result<Bytes, Error> {
        self.read_file_up_to(path, u64::MAX).await
    }

    /// Reads a file, or fails with [`Error::FileTooLarge`] if it has more bytes than `limit`, and with
    /// [`Error::IsDirectory`] if it is none. Meant for files that the frontend itself must make sense of.
    pub async fn read_file_up_to(&self, path: &str, limit: u64) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        loop {
            let offset = whole.len() as u64;
            let part = match self.read_file_range(path, offset, PART).await {
                Ok(part) => part,
                Err(error) => return Err(self.reading_failed(path, error).await),
            };
            let length = part.len() as u64;
            if offset.saturating_add(length) > limit {
                return Err(Error::FileTooLarge {
                    path: path.to_owned(),
                    limit,
                });
            }
            let is_last = length < PART;
            if is_last && whole.is_empty() {
                return Ok(part);
            }
            whole.extend_from_slice(&part);
            if is_last {
                return Ok(whole.freeze());
            }
        }
    }

    /// Tells a directory from a file that can't be read: of a directory, some daemons give a path on
    /// their own disk, and no two of them the same code.
    async fn reading_failed(&self, path: &str, error: Error) -> Error {
        if !matches!(error, Error::Daemon(_)) || error.is_not_found() {
            return error;
        }
        match self.stat_file(path).await {
            Ok(stat) if stat.is_directory() => Error::IsDirectory {
                path: path.to_owned(),
            },
            _ => error,
        }
    }

    /// Reads a part of a file: less than `length` bytes if the file ends before. At most 16 MiB
    /// fit into one answer.
    pub async fn read_file_range(
        &self,
        path: &str,
        offset: u64,
        length: u64,
    ) -> Result<Bytes, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::READ_FILE)?;
        let request = wire::ReadFileRequest {
            r#ref: self.inner.id.clone(),
            file_path: path.to_owned(),
            range: Some(file_range(offset, length)),
            mount_index: 0,
        };
        Ok(self.client.connection().read_file(request).await?.data)
    }

    /// Reads a file that needn't be there. Any other error of the daemon is an error still.
    pub async fn read_file_if_present(&self, path: &str) -> Result<Option<Bytes>, Error> {
        match self.read_file(path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists a directory, one level deep. The entries' names must match `pattern` (as in a shell,
    /// for a single name) unless it is empty.
    pub async fn read_dir(&self, path: &str, pattern: &str) -> Result<Vec<Stat>, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::READ_DIR)?;
        let request = wire::ReadDirRequest {
            r#ref: self.inner.id.clone(),
            dir_path: path.to_owned(),
            include_pattern: pattern.to_owned(),
            mount_index: 0,
        };
        let answer = self.client.connection().read_dir(request).await?;
        Ok(answer.entries.into_iter().map(Stat::from_wire).collect())
    }

    /// Says what a file is, without following a symbolic link at its end.
    pub async fn stat_file(&self, path: &str) -> Result<Stat, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::STAT_FILE)?;
        let request = wire::StatFileRequest {
            r#ref: self.inner.id.clone(),
            path: path.to_owned(),
            mount_index: 0,
        };
        let answer = self.client.connection().stat_file(request).await?;
        let stat = answer.stat.map(Stat::from_wire);
        stat.ok_or(Error::Incomplete {
            call: "StatFile",
            missing: "what the file is",
        })
    }
}

/// Writes a range; what is past the largest number is past the end of any file.
pub(crate) fn file_range(offset: u64, length: u64) -> wire::FileRange {
    let signed = |number| i64::try_from(number).unwrap_or(i64::MAX);
    wire::FileRange {
        offset: signed(offset),
        length: signed(length),
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Ref").field(&self.inner.id).finish()
    }
}

impl PartialEq for Ref {
    fn eq(&self, other: &Self) -> bool {
        self.inner.id == other.inner.id
    }
}
