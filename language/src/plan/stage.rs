//! A stage, and what it is made of.

use std::collections::HashMap;

use buildkit_llb::Platform;

use super::{Action, Assertions, External, Image, Run, Settings, Step};
use crate::source::{Span, Spanned};

/// What follows the `@` of a target that is the reports of a stage.
pub(crate) const REPORTS: &str = "reports";

/// A stage of a plan.
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
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub span: Span,
    /// What it is.
    pub description: Option<String>,
    /// What it starts from.
    pub base: Spanned<Base>,
    /// What its image is for and its steps run on, normalised.
    pub platform: Platform,
    /// How its scripts run; what a stage inherits from its base stage is in it.
    pub settings: Settings,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Stages that must succeed before the result may be used.
    pub requires: Vec<Spanned<StageId>>,
    /// Facts about the image that must hold before the result may be used.
    pub assertions: Assertions,
    /// Names for parts of the result.
    pub outputs: Outputs,
    /// What is worth having of it even when one of its scripts fails.
    pub reports: Vec<Report>,
    /// How what it adds is cut into layers.
    pub layers: Spanned<Layers>,
    /// The image's config.
    pub image: Image,
    /// Whether something of it isn't known without the config of what it starts from.
    pub lacks_base: bool,
}

impl Stage {
    /// Begins a stage with what it starts from, which is its place too.
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

/// A part of a stage that is worth having even when one of its scripts fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it is called.
    pub name: String,
    /// Where it is; a relative path starts at the stage's workdir. Its place is that of the path.
    pub path: Spanned<String>,
}

/// How what a stage adds is cut into layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layers {
    /// One a step.
    #[default]
    Step,
    /// All in one.
    One,
    /// By paths; what is in none of these is in a last one.
    Groups(Vec<Layer>),
}

/// Files that share a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// Patterns of its paths; relative ones start at the workdir.
    pub paths: Vec<String>,
}

impl Stage {
    /// Lists the stages that this one needs, with the places that say so.
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

    /// Lists all actions, those of branches too.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.all_steps().map(|step| &step.action)
    }

    /// Lists all steps, those of branches too.
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

    /// Lists everything that runs a program, in branches too.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.actions().filter_map(|action| match action {
            Action::Run(run) => Some(run.as_ref()),
            _ => None,
        })
    }

    /// Returns what a client names as the target to get the reports.
    pub fn reports_target(&self) -> String {
        format!("{}@{REPORTS}", self.name)
    }

    /// Returns an output.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.get(name)
    }
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// Where another stage ended.
    Stage(StageId),
    /// Something from outside.
    External(Box<External>),
}

/// Where files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The build context.
    MainContext,
    /// The result of a stage.
    Stage(StageId),
    /// A part of a stage's result.
    Output(StageId, String),
    /// Something from outside.
    External(External),
}

impl Source {
    /// Tells whether its files can be listed before anything is built.
    pub fn is_there_before_the_build(&self) -> bool {
        match self {
            Self::MainContext => true,
            Self::Stage(_) | Self::Output(..) => false,
            Self::External(external) => !matches!(external, External::Dockerfile(..)),
        }
    }

    /// Says in few words what from outside it is.
    pub fn description(&self) -> String {
        match self {
            Self::External(external) => external.description(),
            Self::MainContext | Self::Stage(_) | Self::Output(..) => "the build context".to_owned(),
        }
    }

    /// Returns the stage that it needs.
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
    /// Adds an output, which takes the place of one of the same name.
    pub fn insert(&mut self, name: String, output: Output) {
        if self.by_name.insert(name.clone(), output).is_none() {
            self.names.push(name);
        }
    }

    /// Returns an output.
    pub fn get(&self, name: &str) -> Option<&Output> {
        self.by_name.get(name)
    }

    /// Lists the names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }
}

/// What an output's name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A path of the finished stage; a relative one starts at the stage's workdir.
    Path(String),
    /// A directory that a script fills: the script's number, and the directory.
    Run(usize, String),
}

impl Action {
    /// Lists where the files come from that it uses.
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
