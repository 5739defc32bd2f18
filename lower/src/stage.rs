//! One stage: its base, its steps, what it requires, and the config of its image.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use buildkit_image_config::History;
use buildkit_image_config::ImageConfig;
use buildkit_llb::{Constrain, FileAction, Passthrough, Platform, ProgressGroup, State, When};
use bytes::Bytes;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{
    Action, Base, Command, Output, Plan, Run, Source, Stage, StageId, Step,
};
use stagefile_language::source::{Span, Spanned};
use stagefile_text::visible;

use super::config;
use super::copy_times::Treatment;
use super::files::Here;
use super::progress::{self, Called as _, Progress};
use super::taken::Taken;
use super::times::Kept;
use super::{Lowering, extent, outputs, paths, run, users};

/// What history says of who made a layer.
const COMMENT: &str = "stagefile";

/// The result of a stage.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its files.
    pub state: State,
    /// The config of its image.
    pub config: ImageConfig,
    /// The config of the image that it is based on, if there is one, byte for byte.
    pub base_config: Option<Bytes>,
    /// Its files before anything that it requires has succeeded; a stage on top of it goes on from there, and requires
    /// the same in the end. So it doesn't wait, and isn't done again when only a test has changed.
    pub(super) unchecked: State,
    /// What checks its own assertions.
    pub(super) checks: Vec<State>,
    /// What has to succeed.
    requirements: Vec<Requirement>,
    /// Whether its files have the same times in every build.
    pub(super) steady: bool,
    /// Whether it can't have lists of users and groups.
    pub(super) lacks_users: bool,
    /// Whether the config is known to be that of the image.
    pub(super) config_known: bool,
    /// The stage that it starts from.
    base: Option<StageId>,
    /// What it did itself, for the history, yet without times; what its base did stays there, so that a chain of stages is
    /// not written out once for each of them.
    pub(super) layers: Vec<History>,
    /// What its own steps take of others.
    pub(super) taken: Vec<Taken>,
    /// Its own scripts, in their order.
    pub(super) scripts: Vec<Script>,
    /// What its steps' outputs hold, by step and path: files, and where the output is in them.
    outputs: BTreeMap<(usize, String), (State, String)>,
    /// The directory that relative paths of its steps start at.
    pub(super) workdir: String,
    /// The directory and the user of the image that the chain of stages begins with.
    origin: Origin,
    /// The variables that its scripts began with.
    base_env: Arc<[String]>,
}

/// Something that has to succeed.
#[derive(Clone, Debug)]
struct Requirement {
    /// What progress output calls it.
    name: String,
    state: State,
    /// Where it is written.
    span: Span,
}

/// A script of a stage.
#[derive(Clone, Debug)]
pub struct Script {
    /// The files once it has run.
    pub state: State,
    /// Where it is written.
    pub span: Span,
}

/// What scripts inherit of an image, where nothing is written.
#[derive(Clone, Debug)]
struct Origin {
    workdir: String,
    user: String,
}

impl Built {
    /// Adds what only the result that is wanted needs: the history of all its stages, and the client's labels.
    pub(super) fn finished(
        mut self,
        history: Vec<History>,
        labels: &BTreeMap<String, String>,
        created: String,
    ) -> Self {
        self.config.history.extend(history);
        self.config.created = Some(created);
        let labels = labels
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        self.config.config.labels.extend(labels);
        self
    }

    /// Returns what is there before the first step of a stage without a base.
    fn scratch(platform: &Platform) -> Self {
        let config = ImageConfig::scratch(platform);
        Self::of(State::scratch(), config, None)
    }

    pub(super) fn of(state: State, config: ImageConfig, base_config: Option<Bytes>) -> Self {
        let workdir = paths::clean(&config.config.working_dir);
        let origin = Origin {
            workdir: workdir.clone(),
            user: config.config.user.clone(),
        };
        Self {
            unchecked: state.clone(),
            taken: Vec::new(),
            scripts: Vec::new(),
            state,
            config,
            base_config,
            checks: Vec::new(),
            requirements: Vec::new(),
            steady: true,
            lacks_users: false,
            config_known: true,
            base: None,
            layers: Vec::new(),
            outputs: BTreeMap::new(),
            workdir,
            origin,
            base_env: Arc::default(),
        }
    }

    /// Returns what a stage begins with that starts from this one. What this one's own steps did stays here.
    fn continued(&self, own: StageId) -> Self {
        Self {
            state: self.unchecked.clone(),
            config: self.config.clone(),
            base_config: self.base_config.clone(),
            unchecked: self.unchecked.clone(),
            checks: Vec::new(),
            requirements: self.requirements.clone(),
            steady: self.steady,
            lacks_users: self.lacks_users,
            config_known: self.config_known,
            base: Some(own),
            layers: Vec::new(),
            taken: Vec::new(),
            scripts: Vec::new(),
            outputs: BTreeMap::new(),
            workdir: self.workdir.clone(),
            origin: self.origin.clone(),
            base_env: Arc::clone(&self.base_env),
        }
    }

    fn resolved(image: &super::Resolved, platform: &Platform) -> Self {
        match &image.image {
            Some(base) => {
                let mut config = base.config.inherit();
                // Instructions for a Dockerfile that is based on the image; this isn't one.
                config.config.on_build.clear();
                Self::of(image.state.clone(), config, Some(base.json.clone()))
            }
            None => Self {
                state: image.state.clone(),
                ..Self::scratch(platform)
            },
        }
    }
}

impl Built {
    /// Returns the directory that a script of the stage starts in.
    pub(super) fn workdir_of(&self, run: &Run) -> String {
        match &run.settings.workdir {
            Some(path) => paths::join(&self.origin.workdir, path),
            None => self.workdir.clone(),
        }
    }

    /// Returns the user of a script of the stage; empty for root.
    pub(super) fn user_of<'a>(&'a self, run: &'a Run) -> &'a str {
        run.settings.user.as_deref().unwrap_or(&self.origin.user)
    }

    /// Returns the directory that the image works in which the chain of stages begins with.
    pub(super) fn image_workdir(&self) -> &str {
        &self.origin.workdir
    }

    /// Returns to where the stage's scripts were lowered.
    pub(super) fn building<'a>(
        &self,
        plan: &'a Plan,
        stage: &'a Stage,
        done: &'a BTreeMap<StageId, Self>,
        kept: &'a Kept,
        lowering: &'a Lowering<'a>,
    ) -> Building<'a> {
        let set = stage.image.env.iter().filter(|(_, value)| value.is_some());
        Building {
            plan,
            lowering,
            done,
            stage,
            kept,
            platform: &stage.platform,
            base_env: Arc::clone(&self.base_env),
            image_env: Arc::new(set.map(|(name, _)| name.as_str()).collect()),
            no_cache: lowering.no_cache.contains(&stage.name),
            config_known: self.config_known,
        }
    }
}

/// A stage that is being lowered.
pub(super) struct Building<'a> {
    /// All stages.
    /// What it is part of.
    pub plan: &'a Plan,
    /// What the plan is lowered with.
    pub lowering: &'a Lowering<'a>,
    pub done: &'a BTreeMap<StageId, Built>,
    /// The stage itself.
    pub stage: &'a Stage,
    /// The steps whose copies keep their times.
    pub kept: &'a Kept,
    /// What the stage runs on.
    pub platform: &'a Platform,
    /// The variables of the base image.
    pub base_env: Arc<[String]>,
    /// The names of the variables that the stage's image has.
    pub image_env: Arc<HashSet<&'a str>>,
    /// Whether nothing of the stage is taken from the cache.
    pub no_cache: bool,
    /// Whether the config is known that the stage began with.
    pub config_known: bool,
}

impl Building<'_> {
    /// Describes processes that have these variables in the place of the base image's.
    pub(super) fn with_env(&self, base_env: Vec<String>) -> Self {
        Self {
            base_env: base_env.into(),
            image_env: Arc::clone(&self.image_env),
            ..*self
        }
    }

    /// Returns a source's files, and where a path of the source lies in them.
    pub(super) fn files(&self, source: &Spanned<Source>, path: &str) -> Option<(State, String)> {
        let whole = |state: &State| (state.clone(), path.to_owned());
        match &source.value {
            Source::MainContext => self.lowering.main_context.as_ref().map(whole),
            Source::External(external) => self
                .lowering
                .external(external, self.platform, source.span)
                .map(|resolved| whole(&resolved.state)),
            Source::Stage(id) => self.done.get(id).map(|stage| whole(&stage.state)),
            Source::Output(id, name) => {
                let stage = self.done.get(id)?;
                match self.plan.stage(*id).output(name)? {
                    Output::Run(number, output) => {
                        let left = stage.outputs.get(&(*number, output.clone()));
                        left.map(|(state, output)| (state.clone(), inside(output, path)))
                    }
                    Output::Path(output) => {
                        let output = paths::join(&stage.workdir, output);
                        Some((stage.state.clone(), inside(&output, path)))
                    }
                }
            }
        }
    }
}

/// Returns where a path of an output lies; a trailing slash, which means the content, is kept.
fn inside(output: &str, path: &str) -> String {
    format!("{}{path}", output.trim_end_matches('/'))
}

/// Lowers a stage; `None` if something that it needs couldn't be lowered.
pub(super) fn lower(
    plan: &Plan,
    id: StageId,
    done: &BTreeMap<StageId, Built>,
    kept: &Kept,
    lowering: &Lowering<'_>,
    found: &mut Diagnostics,
) -> Option<Built> {
    let stage = plan.stage(id);
    let platform = &stage.platform;
    let mut built = match &stage.base.value {
        Base::Scratch => Built {
            lacks_users: true,
            ..Built::scratch(platform)
        },
        Base::External(external) => {
            lowering.check_external(external, stage.base.span, found);
            let resolved = lowering.external(external, platform, stage.base.span)?;
            let span = stage.base.span;
            config::warn_of_triggers(external, &resolved, span, found);
            config::warn_of_platform(
                external,
                &resolved,
                external.platform(platform),
                span,
                found,
            );
            Built {
                steady: resolved.is_image,
                config_known: !lowering.offline || resolved.image.is_some(),
                ..Built::resolved(&resolved, platform)
            }
        }
        Base::Stage(base) => {
            let built = done.get(base)?;
            built.continued(*base)
        }
    };
    built.state = built.state.platform(platform);
    let base = built.state.clone();
    built.base_env = built.config.config.env.as_slice().into();
    let building = built.building(plan, stage, done, kept, lowering);

    let workdir = stage.workdir(&built.origin.workdir);
    let makes_workdir = workdir != built.workdir && workdir != "/";
    built.workdir = workdir;
    let mut progress = Progress::new(
        stage,
        stage
            .actions()
            .filter(|action| !matches!(action, Action::Parallel(_)))
            .count()
            + usize::from(makes_workdir),
        lowering.several_platforms,
    );
    let affordable = extent::of_directories(&built.workdir);
    if makes_workdir && lowering.budget.take(affordable, stage.span, found) {
        let name = progress.next(&format!("workdir {}", built.workdir));
        building.make_workdir(stage, &mut built, name);
    }
    building.steps(&stage.steps, &mut progress, &mut built, found);
    lowering.layer(stage, &base, &mut built, found);
    stage.apply_to(&built.origin.workdir, &mut built.config);
    users::check_image(stage, &built, found);
    built.unchecked = built.state.clone();
    built.checks = building.assertions(&built, &progress, found)?;
    building.require(&progress, &mut built);
    Some(built)
}

impl Building<'_> {
    /// Makes the directory that steps start in, as their user's.
    fn make_workdir(&self, stage: &Stage, built: &mut Built, name: String) {
        let user = stage.settings.user.as_deref().unwrap_or(&built.origin.user);
        let directory = self.lowering.workdir(&built.workdir, user, &built.state);
        let directory = self.lowering.locate(directory, [stage.span]);
        let directory = directory.when(self.no_cache, FileAction::ignoring_cache);
        built.state = built.state.file(directory.called(name));
        let what = format!("workdir {}", built.workdir);
        built.layers.push(History::layer(visible::line(&what)));
    }

    /// Does steps, one after another.
    pub(super) fn steps(
        &self,
        steps: &[Step],
        progress: &mut Progress,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        for step in steps {
            if let Action::Parallel(branches) = &step.action {
                self.parallel(step, branches, progress, built, found);
                continue;
            }
            self.step(step, progress, built, found);
        }
    }

    /// Says what a step does; of one that a template has and doesn't name, also which template that is.
    fn labelled(step: &Step, what: &str) -> String {
        match &step.template {
            Some(template) if step.name.is_none() => format!("{template}: {what}"),
            _ => what.to_owned(),
        }
    }

    /// Does a step.
    fn step(
        &self,
        step: &Step,
        progress: &mut Progress,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        let what = progress::describe(step, self.plan);
        let name = progress.next(&Self::labelled(step, &what));
        self.lowering.check_support(&step.action, step.span, found);
        if !self.affords(step, &built.workdir, found) {
            return;
        }
        users::check(step, built, found);
        built.taken.extend(self.taken(step));
        if let Action::Run(run) = &step.action {
            built.steady = false;
            self.check_variables(step, run, found);
            self.check_secret_files(step, run, found);
            self.run(step, run, name, progress, built, found);
            return;
        }
        let treatment = self.times(step, built);
        let here = Here {
            step,
            workdir: &built.workdir,
            files: &built.state,
            times: treatment.times(),
        };
        let actions = self.lowering.files(&step.action, self, here);
        let Some(actions) = actions else { return };
        let actions = self.lowering.locate(actions, places(step)).called(name);
        let actions = actions.when(self.no_cache, FileAction::ignoring_cache);
        let changed = built.state.file(actions);
        built.state = if treatment == Treatment::Differing {
            self.with_differing_times(&built.state, &changed, &what, here)
        } else {
            changed
        };
        built.steady &= treatment.stays_steady(&step.action, self.lowering);
        built.layers.push(History::layer(visible::line(&what)));
    }

    /// Runs a program.
    fn run(
        &self,
        step: &Step,
        run: &Run,
        name: String,
        progress: &Progress,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        let workdir = built.workdir_of(run);
        let user = built.user_of(run).to_owned();
        let env = run::environment(run, self);
        let place = self.place(&workdir, &user, &env);
        let mounted = outputs::Mounted::of(run, &place);
        let outputs = run.outputs.iter().map(|output| {
            let path = paths::join(&workdir, &output.value);
            let is_mounted = mounted.cover(&path);
            (output, path, is_mounted)
        });
        let outputs: Vec<_> = outputs.collect();
        let directories = outputs.iter().filter(|(_, _, is_mounted)| !is_mounted);
        let directories: Vec<&str> = directories.map(|(_, path, _)| path.as_str()).collect();
        self.make_outputs(step, &directories, &user, progress, built);
        let user = Some(user.as_str()).filter(|user| !user.is_empty());
        let exec = self.lowering.exec(run, self, &workdir, user, found);
        let exec = self.lowering.locate(exec, places(step)).called(name);
        let result = built.state.run(exec);
        for (output, path, is_mounted) in outputs {
            let left = if is_mounted {
                let (_, inside) = outputs::mount(&path, &place);
                // Already reported if it isn't there.
                let state = result.output(&path).ok();
                state.map(|state| (state, inside.to_owned()))
            } else {
                Some((result.root(), path))
            };
            let of_step = |left| ((run.number, output.value.clone()), left);
            built.outputs.extend(left.map(of_step));
        }
        built.state = result.root();
        if !self.stage.reports.is_empty() {
            built.scripts.push(Script {
                state: built.state.clone(),
                span: step.span,
            });
        }
        built
            .layers
            .push(History::layer(visible::lines(&history_of(run))));
    }

    /// Makes the result, and the outputs of its steps, valid only if what is required and what is asserted succeeds.
    fn require(&self, progress: &Progress, built: &mut Built) {
        let required = self.stage.requires.iter().filter_map(|id| {
            Some(Requirement {
                name: self.plan.stage(id.value).name.clone(),
                state: self.done.get(&id.value)?.state.clone(),
                span: id.span,
            })
        });
        let assertions = &self.stage.assertions.places;
        let checks = built.checks.clone().into_iter();
        let asserted = checks.map(|state| Requirement {
            name: format!("what {} asserts", self.stage.name),
            state,
            span: assertions.last().copied().unwrap_or(self.stage.span),
        });
        built.requirements.extend(required.chain(asserted));
        if built.requirements.is_empty() {
            return;
        }
        let requirements = built.requirements.iter();
        let mut names: Vec<&str> = requirements.map(|one| one.name.as_str()).collect();
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let label = progress.beside(&format!("requires {}", names.join(", ")));
        // It may take several vertices, which are one line of the progress output.
        let group = ProgressGroup {
            id: label.clone(),
            name: label.clone(),
            weak: false,
        };
        let states = || built.requirements.iter().map(|one| &one.state);
        let spans: BTreeSet<Span> = built.requirements.iter().map(|one| one.span).collect();
        let checked = |state: &State| {
            let passthrough = Passthrough::new(&label)
                .forwarding(state)
                .requiring(states())
                .grouped(group.clone());
            let passthrough = self.lowering.locate(passthrough, spans.iter().copied());
            let supported = passthrough.into_state_supported(&self.lowering.support);
            // Nothing that gets here can't be passed through; if it could, it must not lose its requirement.
            supported.unwrap_or_else(|_| state.requires_by_copy(&label, states()))
        };
        built.state = checked(&built.state);
        for (output, _) in built.outputs.values_mut() {
            *output = checked(output);
        }
    }
}

/// Lists the places of a step: the uses of templates that lead to it, and its own.
pub(super) fn places(step: &Step) -> impl Iterator<Item = Span> {
    step.uses.iter().copied().chain([step.span])
}

/// Collects the history of a stage, from the first stage of its chain on.
pub(super) fn history(
    built: &BTreeMap<StageId, Built>,
    id: StageId,
    created: &str,
) -> Vec<History> {
    let chain = std::iter::successors(built.get(&id), |stage| built.get(&stage.base?));
    let layers = chain.flat_map(|stage| stage.layers.iter().rev().cloned());
    let mut history: Vec<History> = layers
        .map(|layer| layer.with_comment(COMMENT).at(created))
        .collect();
    history.reverse();
    history
}

/// Says what a script was, for the history: all of it, as it was run.
fn history_of(run: &Run) -> String {
    match &run.command {
        Command::Script(script) => format!("run {}", script.trim_end()),
        Command::Arguments(arguments) => format!("run {arguments:?}"),
    }
}
