//! Settings that a state passes on to processes and file operations made from it.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use rpds::VectorSync;

use super::environment::EnvList;
use crate::exec::{Network, Security, Ulimit};
use crate::path;
use crate::platform::Platform;

/// The settings of a state. Values are shared, so the cost of a changed copy doesn't depend on the
/// length of the chain of states.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) environment: EnvList,
    pub(crate) directory: Arc<str>,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) hostname: Option<Arc<str>>,
    pub(crate) cgroup_parent: Option<Arc<str>>,
    pub(crate) hosts: VectorSync<(Arc<str>, IpAddr)>,
    pub(crate) ulimits: VectorSync<Ulimit>,
    pub(crate) network: Network,
    pub(crate) security: Security,
    /// Always normalized.
    pub(crate) platform: Option<Arc<Platform>>,
}

impl Settings {
    /// Returns the settings of a new state: the directory `/` and nothing else.
    pub(crate) fn initial() -> Arc<Self> {
        static INITIAL: LazyLock<Arc<Settings>> = LazyLock::new(|| {
            Arc::new(Settings {
                environment: EnvList::new(),
                directory: "/".into(),
                user: None,
                hostname: None,
                cgroup_parent: None,
                hosts: VectorSync::default(),
                ulimits: VectorSync::default(),
                network: Network::Sandbox,
                security: Security::Sandbox,
                platform: None,
            })
        });
        INITIAL.clone()
    }

    /// Changes the directory. A relative path is resolved against the current one; an absolute one
    /// is used as it is, as in Go.
    pub(crate) fn change_directory(&mut self, directory: &str) {
        self.directory = if path::is_absolute(directory) {
            directory.into()
        } else {
            path::join(&[&self.directory, directory]).into()
        };
    }
}
