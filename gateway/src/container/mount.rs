//! Mounts of a container.

use buildkit_llb::Sharing;
use buildkit_proto::ops::{self, CacheOpt, CacheSharingOpt, MountType, SecretOpt, SshOpt};

use crate::client::Ref;

/// A directory, file or socket that is mounted in a container.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Mount {
    message: ops::Mount,
}

impl Mount {
    /// Mounts a result, or an empty directory. Changes are discarded.
    pub fn bind(path: impl Into<String>, reference: Option<Ref>) -> Self {
        let id = reference.map(|reference| reference.id().to_owned());
        Self::from_failure(path, id.unwrap_or_default())
    }

    /// Mounts a file system of a failed build, by an ID from
    /// [`SolveFailure`](crate::failure::SolveFailure).
    pub fn from_failure(path: impl Into<String>, id: impl Into<String>) -> Self {
        let mut mount = Self::of_type(path, MountType::Bind);
        mount.message.result_id = id.into();
        mount
    }

    /// Mounts a cache, by its ID.
    pub fn cache(path: impl Into<String>, id: impl Into<String>, sharing: Sharing) -> Self {
        let sharing = match sharing {
            Sharing::Private => CacheSharingOpt::Private,
            Sharing::Locked => CacheSharingOpt::Locked,
            _ => CacheSharingOpt::Shared,
        };
        let mut mount = Self::of_type(path, MountType::Cache);
        mount.message.cache_opt = Some(CacheOpt {
            id: id.into(),
            sharing: sharing.into(),
        });
        mount
    }

    /// Mounts a file system in memory.
    pub fn tmpfs(path: impl Into<String>) -> Self {
        Self::of_type(path, MountType::Tmpfs)
    }

    /// Mounts a secret as a file that only its owner can read.
    pub fn secret(path: impl Into<String>, id: impl Into<String>) -> Self {
        let mut mount = Self::of_type(path, MountType::Secret);
        mount.message.secret_opt = Some(SecretOpt {
            id: id.into(),
            mode: 0o400,
            ..SecretOpt::default()
        });
        mount
    }

    /// Omits a secret or a socket that the client doesn't have.
    pub fn optional(mut self) -> Self {
        if let Some(secret) = &mut self.message.secret_opt {
            secret.optional = true;
        }
        if let Some(ssh) = &mut self.message.ssh_opt {
            ssh.optional = true;
        }
        self
    }

    /// Mounts a socket connected to the client's SSH agent.
    pub fn ssh(path: impl Into<String>, id: impl Into<String>) -> Self {
        let mut mount = Self::of_type(path, MountType::Ssh);
        mount.message.ssh_opt = Some(SshOpt {
            id: id.into(),
            mode: 0o600,
            ..SshOpt::default()
        });
        mount
    }

    /// Mounts only this path of the source.
    pub fn selector(mut self, path: impl Into<String>) -> Self {
        self.message.selector = path.into();
        self
    }

    /// Makes the mount read-only.
    pub fn read_only(mut self) -> Self {
        self.message.readonly = true;
        self
    }

    fn of_type(path: impl Into<String>, mount_type: MountType) -> Self {
        let message = ops::Mount {
            dest: path.into(),
            mount_type: mount_type.into(),
            // Neither is used in a container; these values mean none.
            input: -1,
            output: -1,
            ..ops::Mount::default()
        };
        Self { message }
    }

    pub(super) fn into_wire(self) -> ops::Mount {
        self.message
    }
}
