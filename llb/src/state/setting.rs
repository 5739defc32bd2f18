//! A single change of a state's settings.

use std::net::IpAddr;
use std::sync::Arc;

use super::settings::Settings;
use crate::exec::{Network, Security, Ulimit};
use crate::platform::Platform;

/// A change that a state keeps, or that applies to a single exec.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Variable(String, String),
    NoVariable(String),
    Directory(String),
    User(String),
    Hostname(String),
    CgroupParent(String),
    Host(String, IpAddr),
    Ulimit(Ulimit),
    Network(Network),
    Security(Security),
    Platform(Platform),
}

/// Creates settings from variables.
pub(crate) fn variables(
    variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) -> impl Iterator<Item = Setting> {
    let variables = variables.into_iter();
    variables.map(|(name, value)| Setting::Variable(name.into(), value.into()))
}

impl Setting {
    pub(crate) fn apply(&self, settings: &mut Settings) {
        let shared = |text: &str| Some(Arc::from(text));
        match self {
            Self::Variable(name, value) => settings.environment.set(name, value),
            Self::NoVariable(name) => settings.environment.unset(name),
            Self::Directory(directory) => settings.change_directory(directory),
            Self::User(user) => settings.user = shared(user),
            Self::Hostname(hostname) => settings.hostname = shared(hostname),
            Self::CgroupParent(cgroup) => settings.cgroup_parent = shared(cgroup),
            Self::Host(name, address) => {
                settings
                    .hosts
                    .push_back_mut((name.as_str().into(), *address));
            }
            Self::Ulimit(ulimit) => settings.ulimits.push_back_mut(ulimit.clone()),
            Self::Network(network) => settings.network = *network,
            Self::Security(security) => settings.security = *security,
            Self::Platform(platform) => {
                settings.platform = Some(Arc::new(platform.normalize()));
            }
        }
    }
}
