//! The state of a stage during compilation.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use buildkit_gateway::ImageConfig;
use buildkit_gateway::context::ContextFiles;
use buildkit_gateway::image_config::{ContainerConfig, History};
use buildkit_llb::{Platform, State};

use super::arguments::ArgumentInfo;
use super::names::{HISTORY_COMMENT, timestamp};
use super::step::Step;
use crate::instruction::{Argument, Instruction, Stage};
use crate::lines::Lines;
use crate::text::Text;

/// An instruction with the stages that it takes files from.
#[derive(Clone, Debug)]
pub(super) struct Command<'a> {
    pub instruction: Written<'a>,
    /// The stage of `COPY --from`, or one stage for each mount of `RUN`.
    pub sources: Vec<usize>,
}

/// An instruction of the file, or a trigger from a base image.
#[derive(Clone, Debug)]
pub(super) enum Written<'a> {
    File(&'a Instruction),
    Trigger(Box<Instruction>),
}

impl Deref for Written<'_> {
    type Target = Instruction;

    fn deref(&self) -> &Instruction {
        match self {
            Self::File(instruction) => instruction,
            Self::Trigger(instruction) => instruction,
        }
    }
}

/// An image's config. Stages that start from each other, or from the same image, share the parts that they don't change. A stage
/// that isn't processed yet has an empty config.
#[derive(Clone, Debug)]
pub(super) struct SharedConfig {
    /// Everything except the container config.
    image: Arc<ImageConfig>,
    /// The container config.
    pub config: Arc<ContainerConfig>,
}

impl SharedConfig {
    /// Returns the container config, to change it for this stage only.
    pub(super) fn config_mut(&mut self) -> &mut ContainerConfig {
        Arc::make_mut(&mut self.config)
    }

    pub(super) fn set_author(&mut self, author: &str) {
        author.clone_into(&mut Arc::make_mut(&mut self.image).author);
    }

    pub(super) fn platform(&self) -> &Platform {
        self.image.platform()
    }

    /// Returns the full config.
    pub(super) fn into_image(self) -> ImageConfig {
        let mut image = Arc::unwrap_or_clone(self.image);
        image.config = Arc::unwrap_or_clone(self.config);
        image
    }
}

impl Default for SharedConfig {
    fn default() -> Self {
        // Without layers.
        static NOTHING: LazyLock<SharedConfig> = LazyLock::new(|| {
            let mut image = ImageConfig::default();
            image.rootfs.kind.clear();
            image.into()
        });
        NOTHING.clone()
    }
}

impl From<ImageConfig> for SharedConfig {
    fn from(mut image: ImageConfig) -> Self {
        let config = std::mem::take(&mut image.config);
        Self {
            image: Arc::new(image),
            config: Arc::new(config),
        }
    }
}

/// The initial settings of a stage that starts from an image. Stages with the same image share them.
#[derive(Debug)]
pub(super) struct Begun {
    platform: Arc<Platform>,
    config: Arc<ContainerConfig>,
    pub settings: State,
}

impl Begun {
    /// Takes the settings from a stage, if it starts from an image whose config determines all of them.
    pub(super) fn from_stage(stage: &StageState<'_>) -> Option<Self> {
        let (Some(platform), true) = (&stage.platform, stage.is_of_image()) else {
            return None;
        };
        Some(Self {
            platform: Arc::clone(platform),
            config: Arc::clone(&stage.image.config),
            settings: stage.settings.clone(),
        })
    }

    /// Reports whether a new stage has the same initial settings.
    pub(super) fn fits(&self, stage: &StageState<'_>) -> bool {
        let is_same = |platform| Arc::ptr_eq(platform, &self.platform);
        stage.is_of_image()
            && stage.platform.as_ref().is_some_and(is_same)
            && Arc::ptr_eq(&stage.image.config, &self.config)
    }
}

/// A history entry.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// An entry of a base image.
    Base(Box<History>),
    /// An entry of an instruction.
    Own {
        created_by: String,
        makes_layer: bool,
        epoch: Option<i64>,
    },
}

impl Entry {
    /// Converts the entry to the form in image configs.
    pub(super) fn into_history(self) -> History {
        match self {
            Self::Base(history) => *history,
            Self::Own {
                created_by,
                makes_layer,
                epoch,
            } => {
                let history = if makes_layer {
                    History::layer(created_by)
                } else {
                    History::no_layer(created_by)
                };
                let history = history.with_comment(HISTORY_COMMENT);
                match epoch {
                    Some(epoch) => history.at(timestamp(epoch)),
                    None => history,
                }
            }
        }
    }
}

/// The resolved base of a stage.
#[derive(Clone, Debug, Default)]
pub(super) enum Origin {
    /// Not resolved yet, or another stage.
    #[default]
    Unknown,
    /// An image, or the empty file system.
    State(State),
    /// A named context. The platform is set if the base is the name of an image.
    Context(ContextFiles, Option<Arc<Platform>>),
}

/// The stages that a stage takes files from, each once, with the lines of the last use.
#[derive(Debug, Default)]
pub(super) struct Uses {
    all: Vec<(usize, Lines)>,
    /// The index of each stage, if there are many.
    positions: HashMap<usize, usize>,
}

/// The maximum number of stages that are searched linearly.
const MAX_LINEAR_SEARCH: usize = 16;

impl Uses {
    pub(super) fn add(&mut self, stage: usize, lines: Lines) {
        let position = if self.all.len() <= MAX_LINEAR_SEARCH {
            self.all.iter().position(|(used, _)| *used == stage)
        } else {
            self.positions.get(&stage).copied()
        };
        if let Some(position) = position {
            self.all[position].1 = lines;
            return;
        }
        self.all.push((stage, lines));
        let count = self.all.len();
        if count == MAX_LINEAR_SEARCH + 1 {
            let stages = self.all.iter().map(|(used, _)| *used);
            self.positions = stages.zip(0..).collect();
        } else if count > MAX_LINEAR_SEARCH {
            self.positions.insert(stage, count - 1);
        }
    }

    pub(super) fn as_slice(&self) -> &[(usize, Lines)] {
        &self.all
    }
}

/// Information on a stage for outlines.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlined {
    pub args: BTreeMap<String, ArgumentInfo>,
    pub used_args: BTreeSet<String>,
    pub secrets: BTreeMap<String, (bool, Lines)>,
    pub ssh: BTreeMap<String, (bool, Lines)>,
}

/// The build arguments of a stage. Most stages have none; those in long chains share most of them.
pub(super) type Arguments = Option<rpds::Vector<Argument>>;

/// The state of a stage during compilation, or an image or a context that something is copied from.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what has happened to a stage, each on its own"
)]
pub(super) struct StageState<'a> {
    /// The stage in the file; `None` for images and contexts.
    pub written: Option<&'a Stage>,
    /// The name of the base, with variables expanded.
    pub base_name: Text,
    /// The lines of `FROM`, or of the instruction that copies from it.
    pub place: Option<Lines>,
    /// The name in progress output: that in the file, or a generated one.
    pub name: Cow<'a, str>,
    /// The index of the stage that it starts from.
    pub base: Option<usize>,
    pub origin: Origin,
    /// Whether the client replaces it with a named context.
    pub is_context: bool,
    /// The platform.
    pub platform: Option<Arc<Platform>>,
    /// The config so far.
    pub image: SharedConfig,
    /// The history entries of its own instructions, which follow those of its base.
    pub history: Vec<Entry>,
    /// Whether its history is needed in the end: for the target and its bases.
    pub keeps_history: bool,
    /// The unchanged config of its base image; only kept for the target and its bases.
    pub base_image: Option<Arc<ImageConfig>>,
    /// The working directory of its own base image.
    pub base_directory: Text,
    /// The settings for the next step, on an empty file system.
    pub settings: State,
    pub commands: Vec<Command<'a>>,
    /// The stages that it takes files from, with the lines.
    pub uses: Uses,
    pub steps: Vec<Step>,
    /// The build arguments so far.
    pub arguments: Arguments,
    /// The paths that it uses of the build context.
    pub context_paths: BTreeSet<String>,
    /// The paths that are used of it. Stages that start from each other share the set of the first.
    pub paths: BTreeSet<String>,
    /// The stage with this set: the first of those that start from each other.
    pub root: usize,
    pub ignores_cache: bool,
    /// Whether it isn't a stage of the file.
    pub unregistered: bool,
    pub resolved: bool,
    /// The number of the last round, from one, in which nothing needed it.
    pub passed: usize,
    pub dispatched: bool,
    pub triggers_read: bool,
    /// The number of the last step shown in progress output.
    pub shown: usize,
    /// The number of steps shown in progress output.
    pub total: usize,
    /// Whether the current instruction comes from a base image.
    pub is_trigger: bool,
    pub outlined: Outlined,
    pub has_workdir: bool,
    pub entrypoint: Option<Lines>,
    pub cmd: Option<Lines>,
    pub healthcheck: Option<Lines>,
    /// An instruction without any command.
    pub empty_run: Option<Lines>,
    pub is_scanned: bool,
    pub scans_context: bool,
    /// The index of each environment variable in the image's config, if there are many and one has been set.
    pub places: Option<HashMap<String, usize>>,
    /// An upper bound for the size of the variables passed to processes, in bytes.
    pub environment: usize,
}

impl<'a> StageState<'a> {
    /// Creates an entry that isn't a stage of the file: an image, a context, or nothing.
    pub(super) fn unregistered(base: Text, lines: Option<Lines>) -> Self {
        Self {
            base_name: base,
            place: lines,
            unregistered: true,
            ..Self::default()
        }
    }

    /// Returns the name in the file, in lower case; empty if there is none.
    pub(super) fn written_name(&self) -> &'a str {
        self.written.map_or("", |stage| &stage.name)
    }

    /// Reports whether it starts from an image.
    fn is_of_image(&self) -> bool {
        self.base.is_none() && matches!(&self.origin, Origin::State(files) if !files.is_scratch())
    }

    pub(super) fn os(&self) -> &str {
        self.platform.as_ref().map_or("", |platform| &platform.os)
    }

    /// Sets an environment variable of the image, in place if it is set already, in constant time.
    pub(super) fn set_variable(&mut self, name: &str, value: &str) {
        let variables = &mut self.image.config_mut().env;
        // A variable without a value counts as set, too.
        let name_of = |pair: &String| pair.find('=').unwrap_or(pair.len());
        let is_it = |pair: &String| name_of(pair) == name.len() && pair.starts_with(name);
        // If a name occurs twice, the first one counts.
        let place = if variables.len() <= MAX_LINEAR_SEARCH {
            variables.iter().position(is_it)
        } else {
            let places = self.places.get_or_insert_with(|| {
                let named = variables.iter().enumerate().rev();
                named
                    .map(|(place, pair)| (pair[..name_of(pair)].to_owned(), place))
                    .collect()
            });
            places.get(name).copied()
        };
        let pair = [name, "=", value].concat();
        self.environment += pair.len();
        if let Some(place) = place {
            self.environment = self.environment.saturating_sub(variables[place].len());
            variables[place] = pair;
            return;
        }
        if let Some(places) = &mut self.places {
            places.insert(name.to_owned(), variables.len());
        }
        variables.push(pair);
    }

    pub(super) fn config_mut(&mut self) -> &mut ContainerConfig {
        self.image.config_mut()
    }
}
