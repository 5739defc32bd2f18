//! The data model of a Stagefile, created from a Dockerfile's instructions, changed by rules, and
//! finally written.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use super::script::Script;
use super::template::Template;
use super::words::Variables;

/// A file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub header: Vec<String>,
    pub args: Vec<Arg>,
    pub secrets: Vec<Secret>,
    pub stages: Vec<Stage>,
    pub footer: Vec<String>,
}

/// A build argument.
#[derive(Debug)]
pub(super) struct Arg {
    pub comments: Vec<String>,
    pub name: String,
    pub default: String,
    pub description: String,
    /// Whether nothing can be built without it.
    pub required: bool,
}

/// A named secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Secret {
    pub name: String,
    pub id: Option<String>,
    pub target: Option<Template>,
    pub env: Option<String>,
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub optional: bool,
}

/// The source of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The build context.
    Context,
    /// A stage, by its index.
    Stage(usize),
    /// An image, or a named context.
    Image(Template),
}

/// The base of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    Scratch,
    Stage(usize),
    Image(Template),
}

/// A stage.
#[derive(Debug)]
pub(super) struct Stage {
    pub name: String,
    pub comments: Vec<String>,
    pub description: String,
    pub from: From,
    pub platform: Option<Template>,
    pub steps: Vec<Step>,
    pub requires: Vec<usize>,
    pub image: Image,
    /// The settings at the end.
    pub end: At,
    /// The variables of the config that the stage sets.
    pub config_env: Variables,
    /// Comments of keys that don't belong to steps.
    pub key_comments: BTreeMap<&'static str, Vec<String>>,
    /// The directories entered by `WORKDIR`.
    pub workdirs: Vec<Entered>,
    /// The variables of its base that it needs.
    pub asked: BTreeSet<String>,
    /// Caches of all its scripts.
    pub caches: Vec<Cache>,
    /// Variables for scripts that aren't set in the image.
    pub only_for_scripts: BTreeSet<String>,
}

/// A directory that `WORKDIR` enters and creates.
#[derive(Debug)]
pub(super) struct Entered {
    /// Its position among the instructions of the stage.
    pub order: usize,
    pub path: Template,
    /// Its owner: the user at that position.
    pub user: Option<Template>,
}

/// The settings for a step.
#[derive(Clone, Debug, Default)]
pub(super) struct At {
    /// The variables of scripts.
    pub variables: Rc<Variables>,
    /// The working directory; `None` for that of the base image.
    pub workdir: Option<Template>,
    /// The user; `None` for that of the base image.
    pub user: Option<Template>,
    /// The shell; `None` for the default.
    pub shell: Option<Rc<Vec<String>>>,
}

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    pub comments: Vec<String>,
    /// Its position among the instructions of the stage.
    pub order: usize,
    pub at: At,
    pub action: Action,
}

/// The action of a step.
#[derive(Debug)]
pub(super) enum Action {
    Run(Run),
    Copy(Copy),
    Write(Write),
    /// Creates a directory, owned by a user.
    Mkdir(Template, Option<Template>),
    Fetch(Fetch),
    Git(Git),
    /// Installs packages with a template of the standard library.
    Install(Install),
}

/// A script or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Script(Script),
    Program(Vec<String>),
}

#[derive(Debug)]
pub(super) struct Run {
    pub command: Command,
    pub binds: Vec<Bind>,
    pub mounts: Vec<Mount>,
    pub tmpfs: Vec<(Template, i64)>,
    pub caches: Vec<Cache>,
    /// Secrets, by name.
    pub secrets: Vec<String>,
    /// The variables that contain secrets.
    pub secret_variables: Vec<String>,
    pub ssh: Vec<Ssh>,
    pub network: String,
    pub privileged: bool,
    pub devices: Vec<(String, bool)>,
}

/// Paths of the context that are mounted where they would be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bind {
    pub path: Template,
    pub exclude: Vec<Template>,
    pub rw: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub from: Source,
    pub path: Template,
    pub to: Template,
    pub rw: bool,
}

/// A cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cache {
    Preset(&'static str),
    Directory(Box<CacheDirectory>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CacheDirectory {
    pub target: Template,
    pub sharing: Option<&'static str>,
    pub id: Option<Template>,
    pub from: Option<Source>,
    pub path: Template,
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ssh {
    pub id: Option<Template>,
    pub target: Option<Template>,
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub optional: bool,
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of the language"
)]
pub(super) struct Copy {
    pub from: Source,
    pub paths: Vec<Template>,
    /// The destination; `None` for the stage's working directory.
    pub to: Option<Template>,
    pub exclude: Vec<Template>,
    pub parents: bool,
    pub owner: Option<Template>,
    pub mode: Option<Template>,
    pub follow: bool,
    pub optional: bool,
    pub unpack: bool,
    /// Whether the copies keep their timestamps.
    pub keeps_times: bool,
}

#[derive(Debug)]
pub(super) struct Write {
    pub path: Template,
    pub content: Template,
    pub owner: Option<Template>,
    pub mode: Option<Template>,
}

#[derive(Debug)]
pub(super) struct Fetch {
    pub url: Template,
    pub to: Option<Template>,
    pub checksum: Option<Template>,
    pub mode: Option<Template>,
    pub owner: Option<Template>,
    pub unpack: bool,
}

#[derive(Debug)]
pub(super) struct Git {
    pub url: String,
    pub reference: Option<String>,
    pub to: Option<Template>,
    pub subdir: Option<String>,
    pub checksum: Option<String>,
    pub keeps_directory: bool,
    pub submodules: bool,
}

#[derive(Debug)]
pub(super) struct Install {
    pub template: &'static str,
    pub packages: Vec<String>,
    pub recommends: bool,
}

/// Distinct values, in the order of their first occurrence.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    values: Vec<Template>,
    seen: HashSet<Template>,
}

impl Distinct {
    pub(super) fn insert(&mut self, value: Template) {
        if self.seen.insert(value.clone()) {
            self.values.push(value);
        }
    }
}

impl std::ops::Deref for Distinct {
    type Target = [Template];

    fn deref(&self) -> &[Template] {
        &self.values
    }
}

/// The settings of the image.
#[derive(Debug, Default)]
pub(super) struct Image {
    pub entrypoint: Option<Program>,
    pub cmd: Option<Program>,
    pub shell: Option<Rc<Vec<String>>>,
    pub expose: Distinct,
    pub volumes: Distinct,
    pub labels: Variables,
    pub healthcheck: Option<Healthcheck>,
    pub stop_signal: Option<Template>,
    pub on_build: Vec<String>,
    /// Whether the triggers of its base have run.
    pub drops_triggers: bool,
}

/// The command of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Words(Vec<String>),
    /// For the image's shell.
    Line(String),
}

#[derive(Debug)]
pub(super) enum Healthcheck {
    None,
    Check {
        run: Program,
        interval: i64,
        timeout: i64,
        start_period: i64,
        start_interval: i64,
        retries: i64,
    },
}

impl Stage {
    /// Returns the number of steps before a directory is entered.
    pub(super) fn steps_before(&self, entered: &Entered) -> usize {
        self.steps
            .iter()
            .take_while(|step| step.order < entered.order)
            .count()
    }
}

impl Step {
    /// Adds a note for the user.
    pub(super) fn note(&mut self, text: &str) {
        self.comments.push(format!(" convert: {text}"));
    }

    pub(super) fn run(&self) -> Option<&Run> {
        match &self.action {
            Action::Run(run) => Some(run),
            _ => None,
        }
    }
}

impl Run {
    pub(super) fn new(command: Command) -> Self {
        Self {
            command,
            binds: Vec::new(),
            mounts: Vec::new(),
            tmpfs: Vec::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            secret_variables: Vec::new(),
            ssh: Vec::new(),
            network: "default".to_owned(),
            privileged: false,
            devices: Vec::new(),
        }
    }

    pub(super) fn script(&self) -> Option<&Script> {
        match &self.command {
            Command::Script(script) => Some(script),
            Command::Program(_) => None,
        }
    }

    /// Reports whether it only has a command and caches.
    pub(super) fn is_bare(&self) -> bool {
        self.binds.is_empty()
            && self.mounts.is_empty()
            && self.tmpfs.is_empty()
            && self.secrets.is_empty()
            && self.ssh.is_empty()
            && self.network == "default"
            && !self.privileged
            && self.devices.is_empty()
    }
}
