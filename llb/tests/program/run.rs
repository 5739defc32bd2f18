//! Run nodes.

use std::net::IpAddr;

use buildkit_llb::{
    BindMount, ContentCache, Device, Exec, Mount, Network, ProxyEnvironment, Run, Secret, Security,
    Sharing, SshSocket, State, Ulimit, When,
};
use serde::Deserialize;

use super::nodes::Common;
use super::{BuiltNodes, Failure};

#[derive(Deserialize)]
pub(super) struct RunFields {
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    args: Option<Vec<String>>,
    #[serde(default)]
    shlex: Option<String>,
    #[serde(default)]
    env: Vec<(String, String)>,
    #[serde(default)]
    cwd: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    network: Option<String>,
    #[serde(default)]
    security: Option<String>,
    #[serde(default)]
    cgroup_parent: String,
    #[serde(default)]
    hosts: Vec<(String, IpAddr)>,
    #[serde(default)]
    ulimits: Vec<UlimitFields>,
    #[serde(default)]
    exit_codes: Vec<i32>,
    #[serde(default)]
    devices: Vec<DeviceFields>,
    #[serde(default)]
    proxy: Option<ProxyFields>,
    #[serde(default)]
    readonly_root: bool,
    #[serde(default)]
    mounts: Vec<MountFields>,
    #[serde(default)]
    secrets: Vec<SecretFields>,
    #[serde(default)]
    ssh: Vec<SshFields>,
}

#[derive(Deserialize)]
struct UlimitFields {
    name: String,
    #[serde(default)]
    soft: i64,
    #[serde(default)]
    hard: i64,
}

#[derive(Deserialize)]
struct DeviceFields {
    name: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
struct ProxyFields {
    #[serde(default)]
    http: String,
    #[serde(default)]
    https: String,
    #[serde(default)]
    ftp: String,
    #[serde(default)]
    no: String,
    #[serde(default)]
    all: String,
}

#[derive(Deserialize)]
struct MountFields {
    dest: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    selector: String,
    #[serde(default)]
    readonly: bool,
    #[serde(default)]
    no_output: bool,
    #[serde(default)]
    id: String,
    #[serde(default)]
    sharing: Option<String>,
    #[serde(default)]
    size: i64,
    #[serde(default)]
    content_cache: Option<String>,
}

#[derive(Deserialize)]
struct SecretFields {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    dest: Option<String>,
    #[serde(default)]
    env: Option<String>,
    #[serde(default)]
    uid: u32,
    #[serde(default)]
    gid: u32,
    #[serde(default)]
    mode: Option<u32>,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
struct SshFields {
    #[serde(default)]
    id: String,
    #[serde(default)]
    dest: String,
    #[serde(default)]
    uid: u32,
    #[serde(default)]
    gid: u32,
    #[serde(default)]
    mode: Option<u32>,
    #[serde(default)]
    optional: bool,
}

impl RunFields {
    pub(super) fn run(&self, common: &Common, made: &BuiltNodes) -> Result<Run, Failure> {
        let mut exec = self.settings(self.exec()?)?;
        for mount in &self.mounts {
            exec = exec.mount(mount.mount(made)?);
        }
        for secret in &self.secrets {
            exec = exec.secret(secret.secret()?);
        }
        for socket in &self.ssh {
            exec = exec.ssh(socket.socket());
        }
        for device in &self.devices {
            let named = Device::new(&device.name);
            exec = exec.device(if device.optional {
                named.optional()
            } else {
                named
            });
        }
        if let Some(proxy) = &self.proxy {
            exec = exec.proxy(ProxyEnvironment {
                http: proxy.http.clone(),
                https: proxy.https.clone(),
                ftp: proxy.ftp.clone(),
                no: proxy.no.clone(),
                all: proxy.all.clone(),
            });
        }
        if self.readonly_root {
            exec = exec.readonly_root();
        }
        let on = made.state(self.on.as_deref().unwrap_or("scratch"))?;
        Ok(on.run(common.apply(exec, made)?))
    }

    fn exec(&self) -> Result<Exec, Failure> {
        if let Some(words) = &self.shlex {
            return Exec::words(words).map_err(Failure::refused);
        }
        match self.args.as_deref() {
            Some([program, arguments @ ..]) => Ok(Exec::command(program, arguments)),
            _ => Err(Failure::Refused("a run without arguments".to_owned())),
        }
    }

    fn settings(&self, exec: Exec) -> Result<Exec, Failure> {
        let mut exec = exec.exit_codes(self.exit_codes.iter().copied());
        for (name, value) in &self.env {
            exec = exec.env(name, value);
        }
        if !self.cwd.is_empty() {
            exec = exec.dir(&self.cwd);
        }
        if !self.user.is_empty() {
            exec = exec.user(&self.user);
        }
        if !self.hostname.is_empty() {
            exec = exec.hostname(&self.hostname);
        }
        if !self.cgroup_parent.is_empty() {
            exec = exec.cgroup_parent(&self.cgroup_parent);
        }
        for (name, address) in &self.hosts {
            exec = exec.host(name, *address);
        }
        for limit in &self.ulimits {
            exec = exec.ulimit(Ulimit::new(&limit.name, limit.soft, limit.hard));
        }
        exec = match self.network.as_deref() {
            None | Some("") => exec,
            Some("sandbox" | "default" | "unset") => exec.network(Network::Sandbox),
            Some("host") => exec.network(Network::Host),
            Some("none") => exec.network(Network::None),
            Some(other) => return Err(Failure::Program(format!("network {other}"))),
        };
        match self.security.as_deref() {
            None | Some("") => Ok(exec),
            Some("sandbox" | "default") => Ok(exec.security(Security::Sandbox)),
            Some("insecure") => Ok(exec.security(Security::Insecure)),
            Some(other) => Err(Failure::Program(format!("security {other}"))),
        }
    }
}

impl MountFields {
    fn mount(&self, made: &BuiltNodes) -> Result<Mount, Failure> {
        let source = made.state(self.source.as_deref().unwrap_or("scratch"))?;
        let mut mount: Mount = match self.kind.as_deref() {
            None | Some("" | "bind") => self.bind(&source),
            // Without an ID, Go doesn't treat it as a cache either.
            Some("cache") if self.id.is_empty() => self.bind(&source),
            Some("cache") => {
                let mount = Mount::cache(&self.dest).id(&self.id).seed(&source);
                mount.sharing(self.sharing()?).into()
            }
            Some("tmpfs") if source.is_scratch() => Mount::tmpfs(&self.dest).size(self.size).into(),
            Some("tmpfs") => {
                return Err(Failure::Refused(
                    "a mount in memory has no source".to_owned(),
                ));
            }
            Some(other) => return Err(Failure::Program(format!("mount type {other}"))),
        };
        mount = mount.selector(&self.selector);
        if self.readonly {
            mount = mount.readonly();
        }
        match self.content_cache.as_deref() {
            None | Some("") => Ok(mount),
            Some("default") => Ok(mount.content_cache(ContentCache::Default)),
            Some("on") => Ok(mount.content_cache(ContentCache::On)),
            Some("off") => Ok(mount.content_cache(ContentCache::Off)),
            Some(other) => Err(Failure::Program(format!("content cache {other}"))),
        }
    }

    fn bind(&self, source: &State) -> Mount {
        Mount::bind(&self.dest, source)
            .when(self.no_output, BindMount::without_output)
            .into()
    }

    fn sharing(&self) -> Result<Sharing, Failure> {
        match self.sharing.as_deref() {
            None | Some("" | "shared") => Ok(Sharing::Shared),
            Some("private") => Ok(Sharing::Private),
            Some("locked") => Ok(Sharing::Locked),
            Some(other) => Err(Failure::Program(format!("sharing {other}"))),
        }
    }
}

impl SecretFields {
    fn secret(&self) -> Result<Secret, Failure> {
        let mut secret = match (&self.dest, &self.env) {
            (Some(path), None) => Secret::file(path),
            (Some(path), Some(name)) => Secret::file(path).and_env(name),
            (None, Some(name)) => Secret::env(name),
            (None, None) => return Err(Failure::Program("a secret without use".to_owned())),
        };
        secret = secret.owner(self.uid, self.gid);
        if let Some(id) = &self.id {
            secret = secret.id(id);
        }
        if let Some(mode) = self.mode {
            secret = secret.mode(mode);
        }
        Ok(if self.optional {
            secret.optional()
        } else {
            secret
        })
    }
}

impl SshFields {
    fn socket(&self) -> SshSocket {
        let mut socket = SshSocket::new()
            .id(&self.id)
            .path(&self.dest)
            .owner(self.uid, self.gid);
        if let Some(mode) = self.mode {
            socket = socket.mode(mode);
        }
        if self.optional {
            socket.optional()
        } else {
            socket
        }
    }
}
