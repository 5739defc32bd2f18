//! Resource limits of scripts: enforced by the daemon if it supports them, else by our own program if it can do so
//! faithfully, else the step is refused.

use buildkit_llb::{Capability, Constrain, Device, Exec, LinuxResources, Ulimit};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{Cpus, Limits, Memory, Run};
use stagefile_language::source::Span;
use stagefile_runner::Affinity;

use super::Lowering;

/// The period for CPU limits, in microseconds, which is the default of Docker and the kernel.
const PERIOD: u32 = 100_000;

impl Lowering<'_> {
    /// Adds limits and devices to a process. The step's settings take precedence over the client's settings for all
    /// processes.
    pub(super) fn limit(&self, mut exec: Exec, run: &Run) -> Exec {
        let own = &run.settings.ulimits;
        if self.can(Capability::ExecMetaUlimit) {
            // With two limits of the same name, the process wouldn't start.
            let others = self.options.run.ulimits.iter();
            let others = others.filter(|other| own.iter().all(|one| one.name.value != other.name));
            let own = own.iter();
            let own = own.map(|one| Ulimit::new(one.name.value, one.soft, one.hard));
            exec = others.cloned().chain(own).fold(exec, Exec::ulimit);
        }
        let parent = run.cgroup_parent.as_ref().map(|parent| &parent.value);
        if let Some(parent) = parent.or(self.options.run.cgroup_parent.as_ref())
            && self.can(Capability::ExecMetaCgroupParent)
        {
            exec = exec.cgroup_parent(parent);
        }
        if self.can(Capability::ExecMetaLinuxResources) {
            let resources = resources(self.options.run.resources.clone(), &run.settings.limits);
            if resources != LinuxResources::default() {
                exec = exec.limited(resources);
            }
        }
        for device in &run.devices {
            let optional = device.optional;
            let device = Device::new(&device.name.value);
            exec = exec.device(if optional { device.optional() } else { device });
        }
        exec
    }

    /// Returns the CPUs that our own program has to select, if the daemon can't.
    pub(super) fn affinity(&self, limits: &Limits) -> Affinity {
        if self.can(Capability::ExecMetaLinuxResources) {
            Affinity::default()
        } else {
            affinity(limits)
        }
    }

    /// Reports limits that can't be enforced on this daemon.
    pub(super) fn check_limits(&self, run: &Run, found: &mut Diagnostics) {
        let mut check = |capability, what: &str, span: Span| {
            self.refuse(&[(true, capability, what)], span, found);
        };
        let limits = &run.settings.limits;
        if let Some(memory) = &limits.memory
            && memory.value != Memory::Unlimited
        {
            let what = "a limit of memory";
            check(Capability::ExecMetaLinuxResources, what, memory.span);
        }
        if let Some(cpus) = &limits.cpus
            && cpus.value != Cpus::Unlimited
            && cpus.value.whole().is_none()
        {
            let what = "a number of `cpus` that isn't a whole one";
            check(Capability::ExecMetaLinuxResources, what, cpus.span);
        }
        for ulimit in &run.settings.ulimits {
            check(Capability::ExecMetaUlimit, "`ulimits`", ulimit.name.span);
        }
        for device in &run.devices {
            check(Capability::ExecMetaCdi, "`devices`", device.name.span);
        }
        if let Some(parent) = &run.cgroup_parent {
            check(
                Capability::ExecMetaCgroupParent,
                "`cgroup-parent`",
                parent.span,
            );
        }
    }
}

/// Returns the limits that our own program can enforce: the CPUs that a script runs on, and their number if it is whole.
pub(super) fn affinity(limits: &Limits) -> Affinity {
    Affinity {
        cpuset: limits.cpuset.as_ref().map(|cpuset| cpuset.value.clone()),
        cpus: limits.cpus.as_ref().and_then(|cpus| cpus.value.whole()),
    }
}

/// Applies a script's limits on top of the client's limits.
fn resources(client: Option<LinuxResources>, limits: &Limits) -> LinuxResources {
    let mut resources = client.unwrap_or_default();
    if let Some(memory) = &limits.memory {
        resources.memory = match memory.value {
            Memory::Bytes(bytes) => bytes,
            Memory::Unlimited => 0,
        };
        // It belonged to the other limit, and must not be below this one.
        resources.memory_swap = 0;
    }
    if let Some(cpus) = &limits.cpus {
        (resources.cpu_quota, resources.cpu_period) = match cpus.value {
            Cpus::Thousandths(thousandths) => (
                i64::from(thousandths) * i64::from(PERIOD / 1000),
                u64::from(PERIOD),
            ),
            Cpus::Unlimited => (0, 0),
        };
    }
    if let Some(cpuset) = &limits.cpuset {
        resources.cpuset_cpus = cpuset.value.to_string();
    }
    resources
}
