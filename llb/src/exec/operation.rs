//! An exec as a vertex.

use std::borrow::Cow;
use std::sync::Arc;

use super::mount::{ContentCache, Mount, MountKind};
use super::{Device, Exec, Network, ProxyEnvironment, Secret, Security, SshSocket};
use crate::capability::{Capability, CapabilitySet};
use crate::constraints::Constraints;
use crate::few::Few;
use crate::state::{Settings, State};
use crate::vertex::OutputIndex;

/// The path of the root file system.
pub(super) const ROOT: &str = "/";

/// An exec together with the settings that its state gave it.
#[derive(Debug)]
pub(crate) struct ExecOperation {
    pub(crate) settings: Arc<Settings>,
    pub(super) arguments: Vec<Cow<'static, str>>,
    pub(super) exit_codes: Vec<i32>,
    /// Including the root, in the byte order of their paths.
    pub(crate) mounts: Few<Mount>,
    pub(super) secrets: Vec<Secret>,
    pub(super) ssh_sockets: Vec<SshSocket>,
    pub(super) devices: Vec<Device>,
    pub(super) proxy: Option<Box<ProxyEnvironment>>,
}

impl ExecOperation {
    /// Binds an exec to a state's root and settings. Also returns its constraints, with the
    /// capabilities that Go records.
    pub(super) fn bind(exec: Exec, state: &State) -> (Self, Constraints) {
        let settings = state.settings_with(&exec.settings);
        let mut root = Mount::new(ROOT, MountKind::Bind, state.clone());
        root.readonly = exec.readonly_root;
        let mut mounts = Few::One(root);
        mounts.extend(exec.mounts);
        // The sort is stable, so that of two mounts at one path the one given first stays first.
        mounts.sort_by(|a, b| a.destination.cmp(&b.destination));
        let with_output = mounts.iter_mut().filter(|mount| mount.has_output());
        for (mount, index) in with_output.zip(0..) {
            mount.output = Some(OutputIndex(index));
        }
        let mut ssh_sockets = exec.ssh_sockets;
        for (number, socket) in ssh_sockets.iter_mut().enumerate() {
            if socket.path.is_empty() {
                socket.path = format!("/run/buildkit/ssh_agent.{number}");
            }
        }
        let operation = Self {
            settings,
            arguments: exec.arguments,
            exit_codes: exec.exit_codes,
            mounts,
            secrets: exec.secrets,
            ssh_sockets,
            devices: exec.devices,
            proxy: exec.proxy,
        };
        let mut constraints = exec.constraints;
        let mut needed = operation.capabilities();
        if constraints.metadata.linux_resources.is_some() {
            needed.insert(Capability::ExecMetaLinuxResources);
        }
        constraints.require(needed);
        (operation, constraints)
    }

    fn capabilities(&self) -> CapabilitySet {
        let mut needed = CapabilitySet::new().with(Capability::ExecMetaBase);
        let mut need = |condition: bool, capability| {
            if condition {
                needed.insert(capability);
            }
        };
        need(!self.exit_codes.is_empty(), Capability::ExecValidExitCode);
        need(
            !self.settings.ulimits.is_empty(),
            Capability::ExecMetaUlimit,
        );
        need(
            self.settings.network != Network::Sandbox,
            Capability::ExecMetaNetwork,
        );
        need(
            self.settings.security != Security::Sandbox,
            Capability::ExecMetaSecurity,
        );
        need(self.proxy.is_some(), Capability::ExecMetaProxyEnv);
        need(!self.secrets.is_empty(), Capability::ExecMountSecret);
        let by_variable = self.secrets.iter().any(|secret| secret.variable.is_some());
        need(by_variable, Capability::ExecSecretEnv);
        need(!self.ssh_sockets.is_empty(), Capability::ExecMountSsh);
        need(!self.devices.is_empty(), Capability::ExecMetaCdi);
        for mount in &*self.mounts {
            need(!mount.selector.is_empty(), Capability::ExecMountSelector);
            match mount.kind {
                MountKind::Cache { .. } => {
                    need(true, Capability::ExecMountCache);
                    need(true, Capability::ExecMountCacheSharing);
                }
                MountKind::Tmpfs { size } => {
                    need(true, Capability::ExecMountTmpfs);
                    need(size > 0, Capability::ExecMountTmpfsSize);
                }
                MountKind::Bind => need(!mount.source.is_scratch(), Capability::ExecMountBind),
            }
            let chosen = mount.content_cache != ContentCache::Default;
            need(chosen, Capability::ExecMountContentCache);
        }
        needed
    }
}
