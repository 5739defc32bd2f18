//! The context of a script that its mounts depend on.

use buildkit_llb::Platform;
use stagefile_language::plan::{Cache, Target};

use super::paths;

/// The context of a script that its mounts depend on.
pub(super) struct RunContext<'a> {
    /// The directory that relative paths are resolved against.
    pub workdir: &'a str,
    /// The stage of the script.
    pub stage: &'a str,
    /// The script's user; empty for root.
    pub user: &'a str,
    /// The platform that the script runs on.
    pub platform: &'a Platform,
    /// The environment variables of the script.
    pub env: &'a [(&'a str, &'a str)],
}

/// The numeric owner of a mount.
pub(super) struct Owner {
    pub uid: u32,
    pub gid: u32,
    /// Whether it is the script's user: a user's number is only known where the script runs.
    is_known: bool,
}

/// The default modes of mounts.
pub(super) struct Modes {
    /// The mode if the owner is the script's user.
    pub own: u32,
    /// The mode if the script's user is given by name.
    pub any: u32,
}

impl Owner {
    /// Returns the mode with which the script's user can use the mount.
    pub(super) fn mode(&self, modes: &Modes) -> u32 {
        if self.is_known { modes.own } else { modes.any }
    }
}

impl RunContext<'_> {
    fn variable(&self, name: &str) -> Option<&str> {
        let last = self.env.iter().rev().find(|(other, _)| *other == name);
        last.map(|(_, value)| *value)
            .filter(|value| !value.is_empty())
    }

    /// Returns the user without the group, and whether it is root.
    pub(super) fn user(&self) -> (&str, bool) {
        let user = self.user.split(':').next().unwrap_or_default();
        (user, matches!(user, "" | "0" | "root"))
    }

    /// Returns the owner of the script's mounts: the given numbers, or else the script's user.
    pub(super) fn owner(&self, uid: Option<u32>, gid: Option<u32>) -> Owner {
        let (user, root) = self.user();
        let group = self.user.split_once(':').map_or(user, |(_, group)| group);
        let uid = uid.or_else(|| user.parse().ok());
        let gid = gid.or_else(|| group.parse().ok()).or(uid);
        Owner {
            uid: uid.unwrap_or_default(),
            gid: gid.unwrap_or_default(),
            is_known: root || uid.is_some(),
        }
    }

    fn home(&self) -> String {
        match (self.variable("HOME"), self.user()) {
            (Some(home), _) => home.to_owned(),
            (None, (_, true)) => "/root".to_owned(),
            (None, (user, false)) => format!("/home/{user}"),
        }
    }

    /// Returns the path at which a cache is mounted.
    pub(super) fn target(&self, cache: &Cache) -> String {
        match &cache.target {
            Target::Path(path) => paths::join(self.workdir, path),
            Target::Home {
                variable,
                directory,
                path,
            } => match self.variable(variable) {
                Some(value) => paths::join(value, path),
                None => paths::join(&paths::join(&self.home(), directory), path),
            },
        }
    }
}
