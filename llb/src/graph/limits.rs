//! Descriptions of a process's limits and devices.

use buildkit_proto::ops;

use crate::metadata::LinuxResources;

/// Lists the limits of a process, and its devices.
pub(super) fn list(exec: &ops::ExecOp, resources: Option<&LinuxResources>) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(meta) = &exec.meta {
        let value = |limit: i64| match limit {
            -1 => "unlimited".to_owned(),
            limit => limit.to_string(),
        };
        words.extend(meta.ulimit.iter().map(|limit| {
            let (soft, hard) = (value(limit.soft), value(limit.hard));
            format!("ulimit {} {soft}:{hard}", limit.name)
        }));
        if !meta.cgroup_parent.is_empty() {
            words.push(format!("cgroup parent {}", meta.cgroup_parent));
        }
    }
    words.extend(exec.cdi_devices.iter().map(|device| {
        let optional = if device.optional { ", optional" } else { "" };
        format!("device {}{optional}", device.name)
    }));
    if let Some(resources) = resources {
        let signed = |number: i64| (number != 0).then(|| number.to_string());
        let unsigned = |number: u64| (number != 0).then(|| number.to_string());
        let list = |list: &str| (!list.is_empty()).then(|| list.to_owned());
        let limits = [
            ("memory", signed(resources.memory)),
            ("memory with swap", signed(resources.memory_swap)),
            ("cpu shares", unsigned(resources.cpu_shares)),
            ("cpu quota", signed(resources.cpu_quota)),
            ("cpu period", unsigned(resources.cpu_period)),
            ("cpus", list(&resources.cpuset_cpus)),
            ("memory nodes", list(&resources.cpuset_mems)),
        ];
        let written = limits.into_iter();
        let written = written.filter_map(|(name, value)| Some(format!("limit {name} {}", value?)));
        words.extend(written);
    }
    words
}
