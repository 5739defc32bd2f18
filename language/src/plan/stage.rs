//! Stages.

use std::collections::HashMap;

use buildkit_llb::Platform;

use super::{Action, Assertions, External, Image, Run, Settings, Step};
use crate::source::{Span, Spanned};

/// The part after the `@` in the target for a stage's reports.
pub(crate) const REPORTS: &str = "reports";

/// The ID of a stage in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(pub(crate) usize);

impl StageId {
    /// Returns the index in [`Plan::stages`](super::Plan::stages).
    pub fn index(self) -> usize {
        self.0
    }
}

/// A stage.
#[derive(Debug)]
pub struct Stage {
    /// The stage's name.
    pub name: String,
    /// The location of the name.
    pub span: Span,
    /// The description.
    pub description: Option<String>,
    /// The base.
    pub base: Spanned<Base>,
    /// The normalized platform of its image and its steps.
    pub platform: Platform,
    /// The settings of its scripts, including what it inherits from its base stage.
    pub settings: Settings,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Stages that must succeed before the result may be used.
    pub requires: Vec<Spanned<StageId>>,
    /// Assertions about the image that must hold before the result may be used.
    pub assertions: Assertions,
    /// Names for parts of the result.
    pub outputs: Outputs,
    /// Files that are available even if one of its scripts fails.
    pub reports: Vec<Report>,
    /// How its changes are split into layers.
    pub layers: Spanned<Layers>,
    /// The image's settings.
    pub image: Image,
    /// Whether something about it isn't known without the config of its base.
    pub lacks_base: bool,
}

impl Stage {
    /// Creates a stage with its base, whose location is also that of the stage.
    pub(crate) fn new(
        name: &str,
        base: Spanned<Base>,
        platform: Platform,
        settings: Settings,
    ) -> Self {
        Self {
            name: name.to_owned(),
            span: base.span,
            description: None,
            platform,
            settings,
            steps: Vec::new(),
            requires: Vec::new(),
            assertions: Assertions::default(),
            outputs: Outputs::default(),
            reports: Vec::new(),
            layers: Spanned::new(Layers::Step, base.span),
            image: Image::default(),
            base,
            lacks_base: false,
        }
    }
}

/// A part of a stage that is available even if one of its scripts fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The report's name.
    pub name: String,
    /// The path; a relative one is resolved against the stage's workdir. The location is that of
    /// the path.
    pub path: Spanned<String>,
}

/// How the changes of a stage are split into layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layers {
    /// One layer per step.
    #[default]
    Step,
    /// A single layer.
    One,
    /// Layers by path; the remaining files are in a last one.
    Groups(Vec<Layer>),
}

/// Files that share a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The layer's name.
    pub name: String,
    /// Patterns of its paths; relative ones are resolved against the workdir.
    pub paths: Vec<String>,
}

impl Stage {
    /// Iterates over the stages that this one depends on, with locations.
    pub fn needs(&self) -> impl Iterator<Item = (StageId, Span)> {
        let (base, external) = match &self.base.value {
            Base::Scratch => (None, None),
            Base::Stage(id) => (Some((*id, self.base.span)), None),
            Base::External(external) => (None, Some((external.as_ref(), self.base.span))),
        };
        let requires = self.requires.iter().map(|id| (id.value, id.span));
        let sources = self.actions().flat_map(Action::sources);
        let sources = sources.flat_map(|source| {
            let external = match &source.value {
                Source::External(external) => Some(external),
                _ => None,
            };
            let inside = external.into_iter().flat_map(External::stages);
            let stages = source.value.stage().into_iter().chain(inside);
            stages.map(|id| (id, source.span))
        });
        let inside = external
            .into_iter()
            .flat_map(|(external, span)| external.stages().map(move |id| (id, span)));
        base.into_iter()
            .chain(inside)
            .chain(requires)
            .chain(sources)
    }

    /// Iterates over all actions, including those in branches.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.all_steps().map(|step| &step.action)
    }

    /// Iterates over all steps, including those in branches.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        let mut own = self.steps.iter();
        let mut pending: Vec<&Step> = Vec::new();
        std::iter::from_fn(move || {
            let step = pending.pop().or_else(|| own.next())?;
            if let Action::Parallel(branches) = &step.action {
                pending.extend(branches.iter().flatten().rev());
            }
            Some(step)
        })
    }

    /// Iterates over everything that runs a program, including in branches.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.actions().filter_map(|action| match action {
            Action::Run(run) => Some(run.as_ref()),
            _ => None,
        })
    }

    /// Returns the target with which a client requests the reports.
    pub fn reports_target(&self) -> String {
        format!("{}@{REPORTS}", self.name)
    }

    /// Returns an output.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.get(name)
    }
}

/// The base of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Empty.
    Scratch,
    /// The result of another stage.
    Stage(StageId),
    /// An external source.
    External(Box<External>),
}

/// The source of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The build context.
    MainContext,
    /// The result of a stage.
    Stage(StageId),
    /// An output of a stage.
    Output(StageId, String),
    /// An external source.
    External(External),
}

impl Source {
    /// Reports whether its files can be listed before anything is built.
    pub fn is_there_before_the_build(&self) -> bool {
        match self {
            Self::MainContext => true,
            Self::Stage(_) | Self::Output(..) => false,
            Self::External(external) => !matches!(external, External::Dockerfile(..)),
        }
    }

    /// Describes the external source in a few words.
    pub fn description(&self) -> String {
        match self {
            Self::External(external) => external.description(),
            Self::MainContext | Self::Stage(_) | Self::Output(..) => "the build context".to_owned(),
        }
    }

    /// Returns the stage that it depends on.
    pub fn stage(&self) -> Option<StageId> {
        match self {
            Self::Stage(id) | Self::Output(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// The outputs of a stage: in the order of the file, and by name.
#[derive(Debug, Default)]
pub struct Outputs {
    names: Vec<String>,
    by_name: HashMap<String, Output>,
}

impl Outputs {
    /// Adds an output, replacing one with the same name.
    pub fn insert(&mut self, name: String, output: Output) {
        if self.by_name.insert(name.clone(), output).is_none() {
            self.names.push(name);
        }
    }

    /// Returns an output.
    pub fn get(&self, name: &str) -> Option<&Output> {
        self.by_name.get(name)
    }

    /// Iterates over the names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }
}

/// The definition of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A path in the finished stage; a relative one is resolved against the stage's workdir.
    Path(String),
    /// A directory that a script writes: the script's number, and the directory.
    Run(usize, String),
}

impl Action {
    /// Iterates over the sources of the files that it uses.
    pub fn sources(&self) -> impl Iterator<Item = &Spanned<Source>> {
        let (run, whole) = match self {
            Self::Run(run) => (Some(&run.settings), run.within.as_ref()),
            Self::Copy(copy) => (None, Some(&copy.source)),
            _ => (None, None),
        };
        let used = run.into_iter().flat_map(|settings| {
            let mounts = settings.mounts.iter().map(|mount| &mount.source);
            let seeds = settings
                .caches
                .iter()
                .filter_map(|cache| cache.from.as_ref());
            mounts.chain(seeds.map(|(source, _)| source))
        });
        used.chain(whole)
    }
}
