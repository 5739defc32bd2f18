//! States: the values that graphs are built from.

mod environment;
mod image_config;
mod setting;
mod settings;

use std::net::IpAddr;
use std::sync::Arc;

pub use environment::EnvList;
pub use image_config::ImageConfigError;
pub(crate) use setting::{Setting, variables};
pub(crate) use settings::Settings;

use crate::definition::Definition;
use crate::diff::Diff;
use crate::exec::{Exec, Network, Run, Security, Ulimit};
use crate::file::FileAction;
use crate::import;
use crate::marshal::{self, MarshalOptions};
use crate::merge::Merge;
use crate::passthrough::{Passthrough, PassthroughError};
use crate::platform::Platform;
use crate::reading::ReadError;
use crate::reference::ReferenceError;
use crate::source::{Image, Local};
use crate::vertex::Output;

/// A file system that a graph produces, with settings for the steps that follow: working directory,
/// environment, user and so on.
///
/// States are values. Every method returns a new state and leaves this one unchanged. Clones are
/// cheap, since they share their contents. Nothing is built until the graph is
/// [marshalled](State::marshal) and sent to a daemon.
///
/// ```
/// use buildkit_llb::{Exec, FileAction, MarshalOptions, State};
///
/// let base = State::image("alpine:3.20")?.dir("/work").env("LANG", "C.UTF-8");
/// let tested = base.run(Exec::shell("make test")).root();
/// let built = base.run(Exec::shell("make")).root();
/// let image = State::scratch().file(FileAction::copy(&built, "out/server", "/server"));
/// let definition = image.marshal(&MarshalOptions::new());
/// # let _ = (tested, definition);
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "states are values: methods return a new one"]
pub struct State {
    output: Option<Output>,
    settings: Arc<Settings>,
}

/// Constructors.
impl State {
    /// Returns the empty file system.
    pub fn scratch() -> Self {
        Self {
            output: None,
            settings: Settings::initial(),
        }
    }

    /// Returns the file system of an image. See [`Image`] for options.
    pub fn image(reference: &str) -> Result<Self, ReferenceError> {
        Ok(Image::new(reference)?.into_state())
    }

    /// Returns a directory of the client, by the name that the client gave it. See [`Local`] for
    /// options.
    pub fn local(name: impl Into<String>) -> Self {
        Local::new(name).into_state()
    }

    /// Returns the result of a marshalled graph, to continue from. Its operations keep their bytes
    /// and so their digests.
    pub fn from_definition(definition: &Definition) -> Result<Self, ReadError> {
        import::import(definition)
    }

    /// Merges file systems, stacked with the first one at the bottom. See [`Merge`] for options.
    ///
    /// Empty file systems are left out; if only one remains, it is the result. Settings are those
    /// of the first state. Needs [`Capability::MergeOp`](crate::Capability::MergeOp).
    pub fn merge<'a>(states: impl IntoIterator<Item = &'a State>) -> Self {
        Merge::new(states).into_state()
    }

    /// Returns the changes that turn `lower` into `upper`. See [`Diff`] for options.
    ///
    /// If `lower` is empty, the result is `upper` itself. Settings are those of `lower`. Needs
    /// [`Capability::DiffOp`](crate::Capability::DiffOp).
    pub fn diff(lower: &State, upper: &State) -> Self {
        Diff::new(lower, upper).into_state()
    }

    /// Joins branches that were built from `base` in parallel: the changes of each are applied to
    /// `base`, in order, so if two branches write the same path, the later one wins.
    ///
    /// Settings are those of `base`. Needs [`Capability::MergeOp`](crate::Capability::MergeOp)
    /// and [`Capability::DiffOp`](crate::Capability::DiffOp).
    pub fn parallel<'a>(base: &State, branches: impl IntoIterator<Item = &'a State>) -> Self {
        let changes = branches.into_iter().map(|branch| Self::diff(base, branch));
        let layers: Vec<Self> = std::iter::once(base.clone()).chain(changes).collect();
        Self::merge(&layers).with_settings(base.settings.clone())
    }
}

/// Steps.
impl State {
    /// Runs a process on the file system.
    pub fn run(&self, exec: Exec) -> Run {
        Run::new(self, exec)
    }

    /// Changes files with a chain of actions, in a single vertex.
    pub fn file(&self, actions: impl Into<FileAction>) -> Self {
        actions.into().apply(self)
    }

    /// Returns this state, valid only if all `dependencies` succeed, without their content. The
    /// label names the vertex. See [`Passthrough`] for options.
    ///
    /// Without dependencies, the result is this state itself. Needs
    /// [`Capability::PassthroughOp`](crate::Capability::PassthroughOp); for daemons that lack it,
    /// use [`State::requires_by_copy`].
    pub fn requires<'a>(
        &self,
        label: impl Into<String>,
        dependencies: impl IntoIterator<Item = &'a State>,
    ) -> Result<Self, PassthroughError> {
        Passthrough::new(label)
            .forwarding(self)
            .requiring(dependencies)
            .into_state()
    }

    /// Applies a function to the state, so that changes shared by several states can be part of a
    /// method chain.
    ///
    /// ```
    /// use buildkit_llb::{Exec, State};
    ///
    /// fn in_workspace(state: State) -> State {
    ///     state.dir("/work").user("builder").env("CI", "true")
    /// }
    ///
    /// let built = State::image("alpine")?.with(in_workspace).run(Exec::shell("make"));
    /// # let _ = built;
    /// # Ok::<(), buildkit_llb::Error>(())
    /// ```
    pub fn with(&self, change: impl FnOnce(Self) -> Self) -> Self {
        change(self.clone())
    }

    /// Encodes the graph that produces this file system.
    ///
    /// Takes time and memory in proportion to the size of the graph, however deep it is.
    pub fn marshal(&self, options: &MarshalOptions) -> Definition {
        marshal::marshal(self.output.as_ref(), options)
    }

    /// Reports whether this is the empty file system.
    pub fn is_scratch(&self) -> bool {
        self.output.is_none()
    }
}

/// Settings, which apply to everything that is made from the state. They are not part of an image's
/// configuration.
impl State {
    /// Sets an environment variable. Variables keep the order in which they were last set.
    pub fn env(&self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.setting(Setting::Variable(name.into(), value.into()))
    }

    /// Sets several environment variables, one after the other, such as those of an [`EnvList`].
    pub fn envs<'a>(&self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut variables = variables.into_iter().peekable();
        if variables.peek().is_none() {
            return self.clone();
        }
        let mut settings = self.settings.clone();
        Arc::make_mut(&mut settings).environment.set_all(variables);
        self.with_settings(settings)
    }

    /// Removes an environment variable.
    pub fn unset_env(&self, name: impl Into<String>) -> Self {
        self.setting(Setting::NoVariable(name.into()))
    }

    /// Sets the working directory. A relative path is resolved against the current one.
    pub fn dir(&self, directory: impl Into<String>) -> Self {
        self.setting(Setting::Directory(directory.into()))
    }

    /// Sets the user: a name or numeric ID, optionally followed by a colon and a group.
    pub fn user(&self, user: impl Into<String>) -> Self {
        self.setting(Setting::User(user.into()))
    }

    /// Sets the host name that processes see.
    pub fn hostname(&self, hostname: impl Into<String>) -> Self {
        self.setting(Setting::Hostname(hostname.into()))
    }

    /// Sets the network that processes see.
    pub fn network(&self, network: Network) -> Self {
        self.setting(Setting::Network(network))
    }

    /// Sets the privileges of processes.
    pub fn security(&self, security: Security) -> Self {
        self.setting(Setting::Security(security))
    }

    /// Adds a line to the `/etc/hosts` of processes.
    pub fn host(&self, name: impl Into<String>, address: IpAddr) -> Self {
        self.setting(Setting::Host(name.into(), address))
    }

    /// Limits a resource of processes.
    pub fn ulimit(&self, ulimit: Ulimit) -> Self {
        self.setting(Setting::Ulimit(ulimit))
    }

    /// Sets the parent of the control groups of processes.
    pub fn cgroup_parent(&self, cgroup: impl Into<String>) -> Self {
        self.setting(Setting::CgroupParent(cgroup.into()))
    }

    /// Sets the platform of processes, normalized.
    pub fn platform(&self, platform: &Platform) -> Self {
        self.setting(Setting::Platform(platform.clone()))
    }

    /// Sets environment, working directory and platform from an image's configuration: JSON as in
    /// the OCI specification.
    pub fn image_config(&self, config: &[u8]) -> Result<Self, ImageConfigError> {
        image_config::apply(self, config)
    }

    /// Returns this file system with the settings of another state.
    pub fn settings_of(&self, other: &State) -> Self {
        self.with_settings(other.settings.clone())
    }

    /// Sets an environment variable in place. If the state's settings aren't shared, this is
    /// cheaper than [`State::env`].
    pub fn set_env(&mut self, name: &str, value: &str) {
        let settings = Arc::make_mut(&mut self.settings);
        settings.environment.set(name, value);
    }

    /// Sets the working directory in place, like [`State::dir`].
    pub fn set_dir(&mut self, directory: &str) {
        if self.get_dir() != directory {
            Arc::make_mut(&mut self.settings).change_directory(directory);
        }
    }

    /// Returns the value of an environment variable.
    pub fn get_env(&self, name: &str) -> Option<&str> {
        self.settings.environment.get(name)
    }

    /// Returns all environment variables, in the order in which each was last set.
    pub fn get_envs(&self) -> &EnvList {
        &self.settings.environment
    }

    /// Returns the working directory.
    pub fn get_dir(&self) -> &str {
        &self.settings.directory
    }

    /// Returns the user, if one was set.
    pub fn get_user(&self) -> Option<&str> {
        self.settings.user.as_deref()
    }

    /// Returns the platform, if the state has its own.
    pub fn get_platform(&self) -> Option<&Platform> {
        self.settings.platform.as_deref()
    }
}

impl State {
    pub(crate) fn output(&self) -> Option<&Output> {
        self.output.as_ref()
    }

    /// Moves the file system out, so that it can be dropped without recursion.
    pub(crate) fn take_output(&mut self) -> Option<Output> {
        self.output.take()
    }

    /// Returns a state of another file system with these settings. If the file system has its own
    /// platform, that one overrides the settings'.
    pub(crate) fn with_output(&self, output: Option<Output>) -> Self {
        let platform = output.as_ref().and_then(Output::platform);
        let platform = platform.map(Platform::normalize_shared);
        let mut settings = self.settings.clone();
        if platform.is_some() && settings.platform != platform {
            Arc::make_mut(&mut settings).platform = platform;
        }
        Self { output, settings }
    }

    /// Returns the state's settings with changes applied.
    pub(crate) fn settings_with(&self, changes: &[Setting]) -> Arc<Settings> {
        let mut settings = self.settings.clone();
        for change in changes {
            change.apply(Arc::make_mut(&mut settings));
        }
        settings
    }

    fn setting(&self, setting: Setting) -> Self {
        self.with_settings(self.settings_with(&[setting]))
    }

    pub(crate) fn with_settings(&self, settings: Arc<Settings>) -> Self {
        Self {
            output: self.output.clone(),
            settings,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::scratch()
    }
}
