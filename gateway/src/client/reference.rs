//! References to results of graphs.

use std::fmt;
use std::sync::Arc;

use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Definition;
use bytes::{Bytes, BytesMut};

use super::{Client, Stat};
use crate::capability::table;
use crate::error::Error;

/// The number of bytes of a file requested at once: half the maximum size of a message.
pub(crate) const PART: u64 = 8 << 20;

/// A reference to the file system that a graph results in, whether or not it is built yet.
///
/// All methods that access the files build the graph first, so they return errors of the build. An empty
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
    /// Converts a reference; `None` if the file system is empty.
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

    /// Returns the daemon's ID for the result, which is valid while this build runs.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Returns the graph of this result, for use in another graph.
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

    /// Builds the result now. Otherwise, results are built when they are accessed or returned.
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

    /// Reads a file of any size. Symbolic links are followed within the result.
    pub async fn read_file(&self, path: &str) -> Result<Bytes, Error> {
        self.read_file_up_to(path, u64::MAX).await
    }

    /// Reads a file. Fails with [`Error::FileTooLarge`] if it has more than `limit` bytes, and with
    /// [`Error::IsDirectory`] if it is a directory. Intended for files that the frontend itself has to
    /// parse.
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

    /// Distinguishes a directory from an unreadable file: for a directory, some daemons return a path on
    /// their own disk, with error codes that differ between daemons.
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

    /// Reads a part of a file: less than `length` bytes if the file ends earlier. One answer holds at
    /// most 16 MiB.
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

    /// Reads a file that may not exist. Other errors of the daemon are still errors.
    pub async fn read_file_if_present(&self, path: &str) -> Result<Option<Bytes>, Error> {
        match self.read_file(path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists a directory, without its subdirectories. If `pattern` isn't empty, names must match it (as
    /// in a shell, for a single name).
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

    /// Returns a file's metadata, without following a symbolic link at the end of the path.
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

/// Converts a range; an offset past the largest number is past the end of any file.
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
