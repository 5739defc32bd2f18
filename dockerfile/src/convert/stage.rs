//! A stage while it is converted.

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
    /// The stage of `COPY --from`, or one for each mount of `RUN`.
    pub sources: Vec<usize>,
}

/// An instruction of the file, or one that a base brought as a trigger.
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

/// The config of an image. Stages that start from each other, or from one image, share what they leave as it is. A stage that isn't
/// looked at yet has that of nothing.
#[derive(Clone, Debug)]
pub(super) struct SharedConfig {
    /// All but what containers are started with.
    image: Arc<ImageConfig>,
    /// What containers are started with.
    pub config: Arc<ContainerConfig>,
}

impl SharedConfig {
    /// Returns what containers are started with, to change it for this stage alone.
    pub(super) fn config_mut(&mut self) -> &mut ContainerConfig {
        Arc::make_mut(&mut self.config)
    }

    pub(super) fn set_author(&mut self, author: &str) {
        author.clone_into(&mut Arc::make_mut(&mut self.image).author);
    }

    pub(super) fn platform(&self) -> &Platform {
        self.image.platform()
    }

    /// Returns the whole config.
    pub(super) fn into_image(self) -> ImageConfig {
        let mut image = Arc::unwrap_or_clone(self.image);
        image.config = Arc::unwrap_or_clone(self.config);
        image
    }
}

impl Default for SharedConfig {
    fn default() -> Self {
        // Not even layers.
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

/// The settings that a stage begins with which starts from an image. All that start from the same have the same.
#[derive(Debug)]
pub(super) struct Begun {
    platform: Arc<Platform>,
    config: Arc<ContainerConfig>,
    pub settings: State,
}

impl Begun {
    /// Takes them of a stage, if it starts from an image whose config says them all.
    pub(super) fn of(stage: &StageState<'_>) -> Option<Self> {
        let (Some(platform), true) = (&stage.platform, stage.is_of_image()) else {
            return None;
        };
        Some(Self {
            platform: Arc::clone(platform),
            config: Arc::clone(&stage.image.config),
            settings: stage.settings.clone(),
        })
    }

    /// Tells whether a stage that begins has the same settings.
    pub(super) fn fits(&self, stage: &StageState<'_>) -> bool {
        let is_same = |platform| Arc::ptr_eq(platform, &self.platform);
        stage.is_of_image()
            && stage.platform.as_ref().is_some_and(is_same)
            && Arc::ptr_eq(&stage.image.config, &self.config)
    }
}

/// An entry of the history.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// One that a base image has.
    Base(Box<History>),
    /// What an instruction did.
    Own {
        created_by: String,
        makes_layer: bool,
        epoch: Option<i64>,
    },
}

impl Entry {
    /// Returns the entry as an image has it.
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

/// What a stage starts from, once that is known.
#[derive(Clone, Debug, Default)]
pub(super) enum Origin {
    /// Nothing yet, or another stage.
    #[default]
    Unknown,
    /// An image, or nothing at all.
    State(State),
    /// A context of the client. The platform is set on what is a base by its name as an image.
    Context(ContextFiles, Option<Arc<Platform>>),
}

/// The stages that a stage takes files from, each once, and where it does so last.
#[derive(Debug, Default)]
pub(super) struct Uses {
    all: Vec<(usize, Lines)>,
    /// Where each stands, of many.
    positions: HashMap<usize, usize>,
}

/// Up to how many are looked through.
const FEW: usize = 16;

impl Uses {
    pub(super) fn add(&mut self, stage: usize, lines: Lines) {
        let position = if self.all.len() <= FEW {
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
        if count == FEW + 1 {
            let stages = self.all.iter().map(|(used, _)| *used);
            self.positions = stages.zip(0..).collect();
        } else if count > FEW {
            self.positions.insert(stage, count - 1);
        }
    }

    pub(super) fn as_slice(&self) -> &[(usize, Lines)] {
        &self.all
    }
}

/// What outlines say of a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlined {
    pub args: BTreeMap<String, ArgumentInfo>,
    pub used_args: BTreeSet<String>,
    pub secrets: BTreeMap<String, (bool, Lines)>,
    pub ssh: BTreeMap<String, (bool, Lines)>,
}

/// The build arguments of a stage. Most have none; long chains share most of theirs.
pub(super) type Arguments = Option<rpds::Vector<Argument>>;

/// A stage while it is converted; or an image or a context that something is copied from.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what has happened to a stage, each on its own"
)]
pub(super) struct StageState<'a> {
    /// The stage as it is written; nothing is known of what is no stage of the file.
    pub written: Option<&'a Stage>,
    /// The name of what it starts from, once its variables are replaced.
    pub base_name: Text,
    /// Where `FROM` is, or what asks for it.
    pub place: Option<Lines>,
    /// Its name in progress: that of the file, or a made-up one.
    pub name: Cow<'a, str>,
    /// The stage that it starts from.
    pub base: Option<usize>,
    pub origin: Origin,
    /// Whether a context of the client takes the stage's place.
    pub is_context: bool,
    /// The platform that it is for.
    pub platform: Option<Arc<Platform>>,
    /// Its config as far as it is known.
    pub image: SharedConfig,
    /// What its own instructions add to the history, after that of its base.
    pub history: Vec<Entry>,
    /// Whether its history is asked for in the end: it is the target, or what that is based on.
    pub keeps_history: bool,
    /// The config of the image that it starts from, as it was; of stages that the target doesn't start from it isn't kept.
    pub base_image: Option<Arc<ImageConfig>>,
    /// The directory of the image that it itself starts from.
    pub base_directory: Text,
    /// The settings of what comes next, on an empty file system.
    pub settings: State,
    pub commands: Vec<Command<'a>>,
    /// The stages that it takes files from, and where.
    pub uses: Uses,
    pub steps: Vec<Step>,
    /// The build arguments so far.
    pub arguments: Arguments,
    /// What it uses of the build context.
    pub context_paths: BTreeSet<String>,
    /// What is used of it. Stages that start from each other share the set of the first.
    pub paths: BTreeSet<String>,
    /// The stage that has this set: the first of those that start from each other.
    pub root: usize,
    pub ignores_cache: bool,
    /// Whether it is no stage of the file.
    pub unregistered: bool,
    pub resolved: bool,
    /// The number of the round, from one, in which nothing needed it last.
    pub passed: usize,
    pub dispatched: bool,
    pub triggers_read: bool,
    /// The number of the last step that progress shows.
    pub shown: usize,
    /// How many steps progress shows.
    pub total: usize,
    /// Whether the present instruction is from a base image.
    pub is_trigger: bool,
    pub outlined: Outlined,
    pub has_workdir: bool,
    pub entrypoint: Option<Lines>,
    pub cmd: Option<Lines>,
    pub healthcheck: Option<Lines>,
    /// An instruction that runs no words at all.
    pub empty_run: Option<Lines>,
    pub is_scanned: bool,
    pub scans_context: bool,
    /// Where each variable of the image's config is in its list, of many, once one is set.
    pub places: Option<HashMap<String, usize>>,
    /// How many bytes the variables have that processes are given, or somewhat more.
    pub environment: usize,
}

impl<'a> StageState<'a> {
    /// Makes something that is no stage of the file: an image, a context, or nothing.
    pub(super) fn unregistered(base: Text, lines: Option<Lines>) -> Self {
        Self {
            base_name: base,
            place: lines,
            unregistered: true,
            ..Self::default()
        }
    }

    /// Returns the name that the file gives it, in lower case; empty if it gives none.
    pub(super) fn written_name(&self) -> &'a str {
        self.written.map_or("", |stage| &stage.name)
    }

    /// Tells whether it starts from an image.
    fn is_of_image(&self) -> bool {
        self.base.is_none() && matches!(&self.origin, Origin::State(files) if !files.is_scratch())
    }

    pub(super) fn os(&self) -> &str {
        self.platform.as_ref().map_or("", |platform| &platform.os)
    }

    /// Sets a variable of the image, in its place if it is set already. However many there are, it is found at once.
    pub(super) fn set_variable(&mut self, name: &str, value: &str) {
        let variables = &mut self.image.config_mut().env;
        // One without a value is set, too.
        let name_of = |pair: &String| pair.find('=').unwrap_or(pair.len());
        let is_it = |pair: &String| name_of(pair) == name.len() && pair.starts_with(name);
        // Of two of one name the first counts.
        let place = if variables.len() <= FEW {
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
