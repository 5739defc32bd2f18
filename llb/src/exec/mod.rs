//! Running processes.

mod device;
mod encode;
mod limits;
mod mount;
mod operation;
mod proxy;
mod run;
mod secret;
mod shell_words;
mod ssh;

use std::borrow::Cow;
use std::iter;
use std::net::IpAddr;

pub use device::Device;
pub use limits::{Network, Security, Ulimit};
pub use mount::{BindMount, CacheMount, ContentCache, Mount, Sharing, Tmpfs};
pub(crate) use operation::ExecOperation;
pub use proxy::ProxyEnvironment;
pub use run::{OutputError, Run};
pub use secret::Secret;
pub use shell_words::ShellWordsError;
pub use ssh::SshSocket;

use crate::constraints::{Constrain, Constraints};
use crate::state::{Setting, variables};

/// A process to run on a state, with its mounts, secrets and settings.
///
/// Settings made here apply to this process only: the state that [`State::run`](crate::State::run)
/// returns has the settings of the original state, unless [`Exec::keep_settings`] is called.
///
/// ```
/// use buildkit_llb::{Exec, Mount, Secret, Sharing, State};
///
/// let source = State::local("context");
/// let run = State::image("golang:1.22-alpine")?
///     .dir("/src")
///     .run(
///         Exec::shell("go build -o /out/server ./cmd/server")
///             .env("CGO_ENABLED", "0")
///             .mount(Mount::bind("/src", &source).readonly())
///             .mount(Mount::cache("/root/.cache/go-build").sharing(Sharing::Locked))
///             .mount(Mount::scratch("/out"))
///             .secret(Secret::file("/root/.netrc").id("netrc")),
///     );
/// let image = run.root();
/// let binaries = run.output("/out")?;
/// # let _ = (image, binaries);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an exec does nothing until a state runs it"]
pub struct Exec {
    arguments: Vec<Cow<'static, str>>,
    settings: Vec<Setting>,
    keep_settings: bool,
    exit_codes: Vec<i32>,
    readonly_root: bool,
    mounts: Vec<Mount>,
    secrets: Vec<Secret>,
    ssh_sockets: Vec<SshSocket>,
    devices: Vec<Device>,
    proxy: Option<Box<ProxyEnvironment>>,
    constraints: Constraints,
}

impl Exec {
    /// Runs a program with arguments, without a shell.
    pub fn command(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let program = iter::once(program.into());
        let all = program.chain(arguments.into_iter().map(Into::into));
        Self::with_arguments(all.map(Cow::Owned).collect())
    }

    /// Runs a script with `/bin/sh -c`.
    pub fn shell(script: impl Into<String>) -> Self {
        let script = Cow::Owned(script.into());
        Self::with_arguments(vec!["/bin/sh".into(), "-c".into(), script])
    }

    /// Runs a command line without a shell. The line is split into words as a shell would split it:
    /// quotes and backslashes are interpreted, `#` begins a comment, and nothing is expanded.
    pub fn words(command_line: &str) -> Result<Self, ShellWordsError> {
        let words = shell_words::split(command_line)?;
        Ok(Self::with_arguments(
            words.into_iter().map(Cow::Owned).collect(),
        ))
    }

    fn with_arguments(arguments: Vec<Cow<'static, str>>) -> Self {
        Self {
            arguments,
            settings: Vec::new(),
            keep_settings: false,
            exit_codes: Vec::new(),
            readonly_root: false,
            mounts: Vec::new(),
            secrets: Vec::new(),
            ssh_sockets: Vec::new(),
            devices: Vec::new(),
            proxy: None,
            constraints: Constraints::new(),
        }
    }

    /// Sets an environment variable.
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.setting(Setting::Variable(name.into(), value.into()))
    }

    /// Sets several environment variables, such as those of an [`EnvList`](crate::EnvList).
    pub fn envs(
        mut self,
        list: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.settings.extend(variables(list));
        self
    }

    /// Removes an environment variable that the state sets.
    pub fn unset_env(self, name: impl Into<String>) -> Self {
        self.setting(Setting::NoVariable(name.into()))
    }

    /// Sets the working directory. A relative path is resolved against the state's working
    /// directory.
    pub fn dir(self, directory: impl Into<String>) -> Self {
        self.setting(Setting::Directory(directory.into()))
    }

    /// Sets the user: a name or numeric ID, optionally followed by a colon and a group.
    pub fn user(self, user: impl Into<String>) -> Self {
        self.setting(Setting::User(user.into()))
    }

    /// Sets the host name that the process sees.
    pub fn hostname(self, hostname: impl Into<String>) -> Self {
        self.setting(Setting::Hostname(hostname.into()))
    }

    /// Sets the network that the process sees.
    pub fn network(self, network: Network) -> Self {
        self.setting(Setting::Network(network))
    }

    /// Sets the privileges of the process.
    pub fn security(self, security: Security) -> Self {
        self.setting(Setting::Security(security))
    }

    /// Adds a line to `/etc/hosts`. The address is not part of the cache key.
    pub fn host(self, name: impl Into<String>, address: IpAddr) -> Self {
        self.setting(Setting::Host(name.into(), address))
    }

    /// Limits a resource of the process.
    pub fn ulimit(self, ulimit: Ulimit) -> Self {
        self.setting(Setting::Ulimit(ulimit))
    }

    /// Sets the parent of the process's control group.
    pub fn cgroup_parent(self, cgroup: impl Into<String>) -> Self {
        self.setting(Setting::CgroupParent(cgroup.into()))
    }

    /// Keeps the settings made here (environment, directory, user, network and so on) in the
    /// resulting state, so that they apply to later steps as well.
    ///
    /// ```
    /// use buildkit_llb::{Exec, State};
    ///
    /// let exec = Exec::shell("useradd app").dir("/srv").env("HOME", "/srv");
    /// let state = State::image("debian")?.run(exec.keep_settings()).root();
    /// assert_eq!(state.get_dir(), "/srv");
    /// assert_eq!(state.get_env("HOME"), Some("/srv"));
    /// # Ok::<(), buildkit_llb::Error>(())
    /// ```
    pub fn keep_settings(mut self) -> Self {
        self.keep_settings = true;
        self
    }

    /// Sets the exit codes that count as success. The default is 0 only.
    pub fn exit_codes(mut self, codes: impl IntoIterator<Item = i32>) -> Self {
        self.exit_codes = codes.into_iter().collect();
        self
    }

    /// Makes the root file system read-only. The resulting state is the original one.
    pub fn readonly_root(mut self) -> Self {
        self.readonly_root = true;
        self
    }

    /// Adds a mount.
    pub fn mount(mut self, mount: impl Into<Mount>) -> Self {
        self.mounts.push(mount.into());
        self
    }

    /// Gives the process one of the client's secrets.
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Gives the process the socket of one of the client's SSH agents.
    ///
    /// `SSH_AUTH_SOCK` is set to the first socket, unless the environment sets it.
    pub fn ssh(mut self, socket: SshSocket) -> Self {
        self.ssh_sockets.push(socket);
        self
    }

    /// Gives the process a device of the worker's machine.
    pub fn device(mut self, device: Device) -> Self {
        self.devices.push(device);
        self
    }

    /// Sets proxies. They are not part of the cache key.
    pub fn proxy(mut self, proxy: ProxyEnvironment) -> Self {
        self.proxy = Some(Box::new(proxy));
        self
    }

    fn setting(mut self, setting: Setting) -> Self {
        self.settings.push(setting);
        self
    }
}

impl Constrain for Exec {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}
