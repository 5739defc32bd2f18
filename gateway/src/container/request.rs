//! Requests to create a container.

use std::net::IpAddr;

use buildkit_llb::{Network, Platform};
use buildkit_proto::gateway::NewContainerRequest;
use buildkit_proto::ops::{HostIp, NetMode};

use super::mount::Mount;
use crate::client::Ref;
use crate::platform;

/// A request to create a container.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct ContainerRequest {
    message: NewContainerRequest,
}

impl ContainerRequest {
    /// Creates a request with a result as the root file system; `None` for an empty one. Changes
    /// are discarded.
    pub fn new(root: Option<Ref>) -> Self {
        Self::default().mount(Mount::bind("/", root))
    }

    /// Creates a request with a file system of a failed build as the root, by an ID from
    /// [`SolveFailure`](crate::failure::SolveFailure).
    pub fn from_failure(id: impl Into<String>) -> Self {
        Self::default().mount(Mount::from_failure("/", id))
    }

    /// Adds a mount.
    pub fn mount(mut self, mount: Mount) -> Self {
        self.message.mounts.push(mount.into_wire());
        self
    }

    /// Sets the network.
    pub fn network(mut self, network: Network) -> Self {
        let network = match network {
            Network::Host => NetMode::Host,
            Network::None => NetMode::None,
            _ => NetMode::Unset,
        };
        self.message.set_network(network);
        self
    }

    /// Sets the platform. The default is the daemon's platform.
    pub fn platform(mut self, platform: &Platform) -> Self {
        self.message.platform = Some(platform::to_wire(platform));
        self
    }

    /// Adds a filter in containerd's filter syntax. Only workers that match it run the container.
    pub fn worker_filter(mut self, filter: impl Into<String>) -> Self {
        let constraints = self.message.constraints.get_or_insert_default();
        constraints.filter.push(filter.into());
        self
    }

    /// Adds a line to `/etc/hosts`.
    pub fn extra_host(mut self, host: impl Into<String>, address: IpAddr) -> Self {
        self.message.extra_hosts.push(HostIp {
            host: host.into(),
            ip: address.to_string(),
        });
        self
    }

    /// Sets the host name.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.message.hostname = hostname.into();
        self
    }

    pub(super) fn has_hosts(&self) -> bool {
        !self.message.extra_hosts.is_empty()
    }

    pub(super) fn into_wire(self, container_id: String) -> NewContainerRequest {
        NewContainerRequest {
            container_id,
            ..self.message
        }
    }
}
