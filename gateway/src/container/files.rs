//! Access to the files of a container.

use buildkit_proto::gateway as wire;
use bytes::{Bytes, BytesMut};

use super::Container;
use crate::capability::table;
use crate::client::{PART, Stat, file_range};
use crate::error::Error;

impl Container {
    /// Reads a file of one of the container's mounts, which are numbered from 0 in the order in which
    /// they were added.
    pub async fn read_file(&self, mount: usize, path: &str) -> Result<Bytes, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::EXEC_FILESYSTEM)?;
        let mut whole = BytesMut::new();
        loop {
            let request = wire::ReadFileRequest {
                r#ref: self.id.clone(),
                file_path: path.to_owned(),
                range: Some(file_range(whole.len() as u64, PART)),
                mount_index: index(mount),
            };
            let part = self
                .client
                .connection()
                .read_file_container(request)
                .await?
                .data;
            whole.extend_from_slice(&part);
            if (part.len() as u64) < PART {
                return Ok(whole.freeze());
            }
        }
    }

    /// Lists a directory of one of the container's mounts. If `pattern` isn't empty, names must match it.
    pub async fn read_dir(
        &self,
        mount: usize,
        path: &str,
        pattern: &str,
    ) -> Result<Vec<Stat>, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::EXEC_FILESYSTEM)?;
        let request = wire::ReadDirRequest {
            r#ref: self.id.clone(),
            dir_path: path.to_owned(),
            include_pattern: pattern.to_owned(),
            mount_index: index(mount),
        };
        let answer = self.client.connection().read_dir_container(request).await?;
        Ok(answer.entries.into_iter().map(Stat::from_wire).collect())
    }

    /// Returns the metadata of a file of one of the container's mounts.
    pub async fn stat_file(&self, mount: usize, path: &str) -> Result<Stat, Error> {
        self.client
            .capabilities()
            .gateway
            .require(&table::EXEC_FILESYSTEM)?;
        let request = wire::StatFileRequest {
            r#ref: self.id.clone(),
            path: path.to_owned(),
            mount_index: index(mount),
        };
        let answer = self
            .client
            .connection()
            .stat_file_container(request)
            .await?;
        let stat = answer.stat.map(Stat::from_wire);
        stat.ok_or(Error::Incomplete {
            call: "StatFileContainer",
            missing: "what the file is",
        })
    }
}

/// A container has few mounts; the daemon refuses an index that is out of range like any other wrong one.
fn index(mount: usize) -> i32 {
    i32::try_from(mount).unwrap_or(i32::MAX)
}
