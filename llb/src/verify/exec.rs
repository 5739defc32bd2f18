//! Checks of processes (`solver/llbsolver/ops/exec.go`, `frontend/gateway/container`,
//! `executor/oci`).

use std::net::IpAddr;

use buildkit_proto::ops;

use super::{Check, Problem, grammar};
use crate::exec::Ulimit;
use crate::metadata::LinuxResources;

const ROOT: &str = "/";

const BIND: i32 = 0;
const SECRET: i32 = 1;
const SSH: i32 = 2;
const TMPFS: i32 = 4;

/// The number of kinds of mounts.
const KINDS: i32 = 5;

/// The maximum length of a host name on Linux.
const HOSTNAME: usize = 64;

/// The range of scheduling periods that the kernel accepts, in microseconds.
const PERIODS: (i64, i64) = (1_000, 1_000_000);

impl Check {
    pub(super) fn exec(&mut self, exec: &ops::ExecOp, inputs: usize, windows: bool) {
        match &exec.meta {
            None => self.refuse(format_args!("exec.meta"), Problem::Empty),
            Some(meta) => self.meta(meta, windows),
        }
        self.choice(format_args!("exec.network"), exec.network, 3);
        self.choice(format_args!("exec.security"), exec.security, 2);
        let root = exec.mounts.iter().any(|mount| mount.dest == ROOT);
        self.rule(format_args!("exec.mounts"), root, "must have one at `/`");
        for (number, mount) in exec.mounts.iter().enumerate() {
            self.mount(number, mount, inputs, windows);
        }
        for (number, secret) in exec.secretenv.iter().enumerate() {
            self.required(format_args!("exec.secretenv[{number}].ID"), &secret.id);
            let field = format_args!("exec.secretenv[{number}].name");
            self.text(field, &secret.name);
            if secret.name.is_empty() || secret.name.contains('=') {
                let variable = secret.name.clone();
                self.refuse(field, Problem::Variable { variable });
            }
        }
        for (number, device) in exec.cdi_devices.iter().enumerate() {
            self.required(format_args!("exec.cdiDevices[{number}].name"), &device.name);
        }
    }

    fn meta(&mut self, meta: &ops::Meta, windows: bool) {
        match meta.args.first() {
            None => self.refuse(format_args!("exec.meta.args"), Problem::Empty),
            Some(program) if program.is_empty() => {
                self.refuse(format_args!("exec.meta.args[0]"), Problem::Empty);
            }
            Some(_) => {}
        }
        for (number, argument) in meta.args.iter().enumerate() {
            self.text(format_args!("exec.meta.args[{number}]"), argument);
        }
        for (number, variable) in meta.env.iter().enumerate() {
            let field = format_args!("exec.meta.env[{number}]");
            self.text(field, variable);
            if variable.find('=').is_none_or(|end| end == 0) {
                let variable = variable.clone();
                self.refuse(field, Problem::Variable { variable });
            }
        }
        self.absolute(format_args!("exec.meta.cwd"), &meta.cwd, windows);
        self.text(format_args!("exec.meta.user"), &meta.user);
        let hostname = format_args!("exec.meta.hostname");
        self.text(hostname, &meta.hostname);
        let short = meta.hostname.len() <= HOSTNAME;
        self.rule(hostname, short, "must not have more than 64 bytes");
        self.text(format_args!("exec.meta.cgroupParent"), &meta.cgroup_parent);
        for (number, host) in meta.extra_hosts.iter().enumerate() {
            let field = format_args!("exec.meta.extraHosts[{number}].Host");
            self.required(field, &host.host);
            let one = !host.host.contains(char::is_whitespace);
            self.form(field, one, &host.host, "name of a host");
            let field = format_args!("exec.meta.extraHosts[{number}].IP");
            let address = host.ip.parse::<IpAddr>().is_ok();
            self.form(field, address, &host.ip, "IP address");
        }
        for (number, limit) in meta.ulimit.iter().enumerate() {
            let field = format_args!("exec.meta.ulimit[{number}]");
            let known = Ulimit::NAMES
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&limit.name));
            self.form(field, known, &limit.name, "resource that can be limited");
            for number in [limit.soft, limit.hard] {
                self.between(field, number, -1, i64::MAX);
            }
            // As an unsigned number, "unlimited" (-1) is the highest.
            let ordered = limit.soft.cast_unsigned() <= limit.hard.cast_unsigned();
            self.rule(
                field,
                ordered,
                "must not have a soft limit above the hard one",
            );
        }
        if let Some(proxy) = &meta.proxy_env {
            let proxies = [
                &proxy.http_proxy,
                &proxy.https_proxy,
                &proxy.ftp_proxy,
                &proxy.no_proxy,
                &proxy.all_proxy,
            ];
            for proxy in proxies {
                self.text(format_args!("exec.meta.proxy_env"), proxy);
            }
        }
    }

    fn absolute(&mut self, field: std::fmt::Arguments<'_>, path: &str, windows: bool) {
        self.required(field, path);
        if !path.is_empty() && !path.starts_with('/') && !windows {
            let path = path.to_owned();
            self.refuse(field, Problem::Relative { path });
        }
    }

    fn mount(&mut self, number: usize, mount: &ops::Mount, inputs: usize, windows: bool) {
        self.absolute(
            format_args!("exec.mounts[{number}].dest"),
            &mount.dest,
            windows,
        );
        self.text(
            format_args!("exec.mounts[{number}].selector"),
            &mount.selector,
        );
        self.index_or_none(
            format_args!("exec.mounts[{number}].input"),
            mount.input,
            inputs,
        );
        let kind = format_args!("exec.mounts[{number}].mountType");
        self.choice(kind, mount.mount_type, KINDS);
        if mount.dest == ROOT {
            let bound = mount.mount_type == BIND;
            self.rule(kind, bound, "must be a bind mount at `/`");
            let empty = bound && mount.input == -1 && mount.readonly && mount.output == -1;
            let field = format_args!("exec.mounts[{number}].readonly");
            self.rule(field, !empty, "must not be set for an empty root");
        }
        let content = format_args!("exec.mounts[{number}].contentCache");
        self.choice(content, mount.content_cache, 3);
        // Content outside of the selected path could change unnoticed, and be part of the output.
        let whole = mount
            .selector
            .split('/')
            .all(|part| matches!(part, "" | "."));
        let unsafe_content = mount.content_cache == 1
            && matches!(mount.mount_type, BIND | 3)
            && mount.input != -1
            && mount.output != -1
            && !mount.readonly
            && !whole;
        let rule = "must not be on for a part of a source that the process may change";
        self.rule(content, !unsafe_content, rule);
        if let Some(tmpfs) = mount.tmpfs_opt.filter(|_| mount.mount_type == TMPFS) {
            let field = format_args!("exec.mounts[{number}].TmpfsOpt.size");
            self.between(field, tmpfs.size, 0, i64::MAX);
        }
        if let Some(cache) = &mount.cache_opt {
            self.text(format_args!("exec.mounts[{number}].cacheOpt.ID"), &cache.id);
            self.choice(
                format_args!("exec.mounts[{number}].cacheOpt.sharing"),
                cache.sharing,
                3,
            );
        }
        if mount.mount_type == SECRET {
            let (id, mode) = mount
                .secret_opt
                .as_ref()
                .map_or(("", 0), |secret| (&secret.id, secret.mode));
            self.required(format_args!("exec.mounts[{number}].secretOpt.ID"), id);
            self.mode(
                format_args!("exec.mounts[{number}].secretOpt.mode"),
                mode.into(),
            );
        }
        if mount.mount_type == SSH {
            let (id, mode) = mount
                .ssh_opt
                .as_ref()
                .map_or(("", 0), |ssh| (&ssh.id, ssh.mode));
            self.text(format_args!("exec.mounts[{number}].SSHOpt.ID"), id);
            self.mode(
                format_args!("exec.mounts[{number}].SSHOpt.mode"),
                mode.into(),
            );
        }
    }

    pub(super) fn resources(&mut self, resources: &LinuxResources) {
        let field = |name| format!("linux_resources.{name}");
        let numbers = [
            ("memory", resources.memory, 0),
            ("memory_swap", resources.memory_swap, -1),
            ("cpu_quota", resources.cpu_quota, -1),
        ];
        for (name, number, least) in numbers {
            self.between(format_args!("{}", field(name)), number, least, i64::MAX);
        }
        if resources.cpu_period != 0 {
            let period = i64::try_from(resources.cpu_period).unwrap_or(i64::MAX);
            self.between(
                format_args!("{}", field("cpu_period")),
                period,
                PERIODS.0,
                PERIODS.1,
            );
        }
        let sets = [
            ("cpuset_cpus", &resources.cpuset_cpus),
            ("cpuset_mems", &resources.cpuset_mems),
        ];
        for (name, set) in sets {
            let valid = set.is_empty() || grammar::is_cpu_set(set);
            self.form(
                format_args!("{}", field(name)),
                valid,
                set,
                "list such as `0-3,5`",
            );
        }
    }
}
