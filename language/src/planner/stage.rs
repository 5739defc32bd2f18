//! Planning of stages, each after its base.

use std::collections::HashMap;
use std::rc::Rc;

use super::Planner;
use super::draft::Draft;
use super::frame::Frame;
use super::index::by_name;
use super::instances::Named;
use super::settings::extend;
use buildkit_llb::Platform;

use crate::budget::Size;
use crate::diagnostics;
use crate::expression::{self, Text, User};
use crate::plan::Config;
use crate::plan::{Action, Base, Output, Report, Settings, Source, Stage, StageId, Step};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Name, Origin};

/// The config of a stage's base, if it is known.
struct Start<'a> {
    /// The config for expressions.
    known: expression::Base,
    config: Option<&'a Config>,
}

impl Planner<'_> {
    /// Plans all stages, in the order of the file, and those of imported files that they need.
    pub(super) fn stages(&mut self) -> Vec<Stage> {
        let mut planned: Vec<Option<Stage>> = Vec::new();
        // The configs of the stages' images, if known.
        let mut configs: Vec<Option<Config>> = Vec::new();
        let mut bases: Vec<Spanned<Base>> = Vec::new();
        let mut handed_on: Vec<Size> = Vec::new();
        while planned.len() < self.instances.len() {
            let first = planned.len();
            while bases.len() < self.instances.len() {
                bases.push(self.base(bases.len()));
            }
            planned.resize_with(bases.len(), || None);
            handed_on.resize(bases.len(), Size::default());
            configs.resize(bases.len(), None);
            for id in bases_first(&bases, first) {
                let base = bases[id].clone();
                let (parent, config) = match base.value {
                    // In a cycle of bases there is no parent yet; the cycle itself is reported later.
                    Base::Stage(StageId(parent)) => {
                        (planned[parent].as_ref(), configs[parent].clone())
                    }
                    _ => (None, None),
                };
                let platform = self.platform_of_stage(id, &base, parent);
                let config = match &base.value {
                    // Usually they aren't used.
                    _ if !self.uses_base => None,
                    Base::Scratch => Some(Config::scratch(&platform)),
                    Base::External(external) => self.bases.find(external, &platform),
                    Base::Stage(_) => config,
                };
                let known = match &config {
                    Some(config) => expression::Base::from_config(Rc::clone(&config.config)),
                    None => expression::Base::Unknown,
                };
                let (open, without_base) = (self.open(), self.without_base());
                let handed_down = match (parent, &base.value) {
                    (Some(_), Base::Stage(StageId(parent))) => handed_on[*parent],
                    _ => Size::default(),
                };
                let module = self.instances[id].module;
                let (inherited, defaults) = if self.is_spent() {
                    Default::default()
                } else {
                    let defaults = self.defaults_of(module, &known);
                    let inherited = match (parent, &base.value) {
                        (Some(parent), _) => parent.settings.clone(),
                        (None, Base::Stage(_)) => Settings::default(),
                        (None, _) => defaults.clone(),
                    };
                    (inherited, defaults)
                };
                // Inherited settings are copied, here and together with the image's config and requirements when the
                // stage is lowered.
                let copied = || inherited.size() + defaults.size() + handed_down;
                let may = self.take(copied, self.instances[id].span);
                let (inherited, defaults) = if may {
                    (inherited, defaults)
                } else {
                    Default::default()
                };
                let start = Start {
                    known,
                    config: config.as_ref(),
                };
                let mut stage = self.stage(id, base, platform, &start, inherited, defaults);
                stage.lacks_base = self.without_base() > without_base;
                if self.open() > open {
                    self.open_stages.insert(StageId(id));
                }
                let required = Size {
                    values: stage.requires.len(),
                    bytes: 0,
                };
                handed_on[id] = handed_down + stage.image.size() + required;
                configs[id] = config
                    .filter(|_| may)
                    .map(|config| config.with_stage(&stage));
                planned[id] = Some(stage);
            }
        }
        planned.into_iter().flatten().collect()
    }

    /// Evaluates a file's `defaults`: once, unless they depend on the stage's base.
    fn defaults_of(&mut self, module: usize, base: &expression::Base) -> Settings {
        if let Some(known) = self.defaults.get(&module) {
            return known.clone();
        }
        let program = self.program;
        let mut frame = Frame {
            module,
            ..Frame::default()
        };
        frame.place.base = base.clone();
        self.took_base(module);
        let defaults = self.within(frame, |planner| {
            planner.settings(&program.modules[module].file.defaults)
        });
        if !self.took_base(module) {
            self.defaults.insert(module, defaults.clone());
        }
        defaults
    }

    /// Reports whether an expression in a file has used `base` since the last call.
    fn took_base(&self, module: usize) -> bool {
        let scope = self.scopes[module].as_ref();
        scope.is_some_and(|scope| scope.took_base())
    }

    /// Returns the number of expressions that used an unknown value.
    pub(super) fn open(&self) -> usize {
        let scopes = self.scopes.iter().flatten();
        scopes.map(|scope| scope.open()).sum()
    }

    /// Returns the number of expressions that used the unknown config of a base.
    fn without_base(&self) -> usize {
        let scopes = self.scopes.iter().flatten();
        scopes.map(|scope| scope.without_base()).sum()
    }

    /// Determines the platform of a stage, before anything else about it.
    fn platform_of_stage(
        &mut self,
        id: usize,
        base: &Spanned<Base>,
        parent: Option<&Stage>,
    ) -> Platform {
        let own = match &base.value {
            Base::External(external) => external.own_platform(),
            _ => None,
        };
        let inherited = parent.map(|parent| &parent.platform);
        let target = &self.request.platforms.target;
        let mut platform = inherited.or(own).unwrap_or(target).clone();
        let parts = self.instances[id].parts.clone();
        // A template's platform applies to its own base, which another stage may replace.
        let base_part = parts.iter().rposition(|part| part.stage.from.is_some());
        let moot = base_part.filter(|_| parent.is_some()).unwrap_or(0);
        for part in parts.into_iter().skip(moot) {
            self.within(part.frame, |planner| {
                planner.set_platform(part.stage, &mut platform, parent.is_some());
            });
        }
        platform
    }

    /// Determines the base of a stage: that of its last part with one.
    fn base(&mut self, id: usize) -> Spanned<Base> {
        let instance = &self.instances[id];
        let part = instance
            .parts
            .iter()
            .rev()
            .find(|part| part.stage.from.is_some());
        let (part, span) = (part.cloned(), instance.span);
        match part {
            Some(part) => self.within(part.frame, |planner| planner.base_of(part.stage, span)),
            None => Spanned::new(Base::Scratch, span),
        }
    }

    /// Determines the base of a stage.
    pub(super) fn base_of(&mut self, stage: &syntax::Stage, name: Span) -> Spanned<Base> {
        let scratch = Spanned::new(Base::Scratch, name);
        let Some(origin) = &stage.from else {
            return scratch;
        };
        let span = origin.text().span();
        let source = match origin {
            Origin::Word(text) => match self.text(text) {
                Some(word) if word.value == "scratch" => return Spanned::new(Base::Scratch, span),
                Some(word) => self.word_source(&word),
                None => None,
            },
            _ => self.source(Some(origin), span).map(|source| source.value),
        };
        let base = match source {
            Some(Source::Stage(id)) => Base::Stage(id),
            Some(Source::External(external)) => Base::External(Box::new(external)),
            Some(Source::MainContext) => {
                let wanted = "a stage, an image, `scratch` or `{ context: NAME }`; files of the build context are copied";
                self.found
                    .push(diagnostics::invalid_value("from", "context", span, wanted));
                return scratch;
            }
            Some(Source::Output(id, output)) => {
                let wanted = format!(
                    "a whole stage such as `{}`; of an output, files are copied",
                    self.instances[id.0].name
                );
                self.found
                    .push(diagnostics::invalid_value("from", &output, span, &wanted));
                return scratch;
            }
            None => return scratch,
        };
        Spanned::new(base, span)
    }

    fn stage(
        &mut self,
        id: usize,
        base: Spanned<Base>,
        platform: Platform,
        start: &Start<'_>,
        inherited: Settings,
        defaults: Settings,
    ) -> Stage {
        let (name, span) = (self.instances[id].name.clone(), self.instances[id].span);
        let mut parts = self.instances[id].parts.clone();
        for part in &mut parts {
            part.frame.place.base = start.known.clone();
            // This is determined by the image, so the image can't use it.
            part.frame.place.user = User::Absent;
        }
        // Secrets and agents only apply where they are written; those in `defaults` are written for every stage.
        let settings = Settings {
            secrets: defaults.secrets,
            ssh: defaults.ssh,
            ..inherited
        };
        let settings = if self.instances[id].user.is_some() {
            extend(settings, self.handed(id), false)
        } else {
            settings
        };
        let mut draft = Draft::new(Stage::new(&name, base, platform, settings));
        draft.stage.span = span;
        // Settings apply to the steps of all parts: the steps of a template run with the secrets of the stage that uses
        // it.
        for part in &parts {
            self.within(part.frame.clone(), |planner| {
                planner.set_options(part.stage, &mut draft.stage);
            });
        }
        let stage = &draft.stage;
        let user = match (&stage.image.user, start.config) {
            (Some(user), _) => User::Known(user.value.as_str().into()),
            (None, Some(config)) => {
                User::Known(config.with_stage(stage).config.config.user.as_str().into())
            }
            (None, None) => User::Unknown,
        };
        for part in &mut parts {
            part.frame.place.user = user.clone();
        }
        let has_from = parts.iter().any(|part| part.stage.from.is_some());
        for part in parts {
            self.within(part.frame, |planner| planner.part(part.stage, &mut draft));
        }
        self.finished(draft, has_from)
    }

    /// Completes a stage, once all outputs are known.
    fn finished(&mut self, draft: Draft, has_from: bool) -> Stage {
        let mut stage = draft.stage;
        let span = stage.span;
        if !has_from && let Some(run) = first_run(&stage.steps) {
            let run = self.program.sources.first_line(run);
            self.found.push(diagnostics::missing_from(span, run));
        }
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (output, target) in draft.outputs.into_iter().chain(draft.scripts.outputs) {
            if let Some(first) = seen.get(&output.value) {
                let error = diagnostics::duplicate_output(&output.value, output.span, *first);
                self.found.push(error);
            } else {
                stage.outputs.insert(output.value.clone(), target);
                seen.insert(output.value, output.span);
            }
        }
        stage
    }

    /// Adds the settings of its steps and of its image in one place to a stage. Steps may use the image's.
    pub(super) fn set_options(&mut self, written: &syntax::Stage, stage: &mut Stage) {
        let own = self.settings(&written.settings);
        let outer = std::mem::take(&mut stage.settings);
        stage.settings = extend(outer, own, written.settings.network.is_some());
        if let Some(image) = &written.image {
            let image = self.image(image);
            stage.image.extend(image);
        }
    }

    /// Adds the steps, outputs and other parts in one place to a stage.
    pub(super) fn part(&mut self, written: &syntax::Stage, draft: &mut Draft) {
        let description = self.string(written.description.as_ref());
        let steps = self.steps(&written.steps, draft);
        let Draft {
            stage,
            outputs,
            scripts,
        } = draft;
        stage.description = description.or(stage.description.take());
        stage.steps.extend(steps);
        stage.requires.extend(self.requires(written));
        let own = by_name(&written.outputs);
        outputs.retain(|(other, _)| !own.contains_key(other.value.as_str()));
        for (name, path) in &written.outputs {
            let path = self.path(path);
            outputs.extend(path.map(|path| (name.clone(), Output::Path(path))));
        }
        let assertions = self.assertions(&written.assert, &stage.settings, scripts);
        stage.assertions.extend(assertions);
        let own = by_name(&written.reports);
        let others = &mut stage.reports;
        others.retain(|other| !own.contains_key(other.name.as_str()));
        for (name, path) in &written.reports {
            let report = self.report(name, path);
            stage.reports.extend(report);
        }
        if let Some(layers) = self.layers(written) {
            stage.layers = layers;
        }
    }

    /// Evaluates a report. The files of a failed stage are taken directly, so a pattern couldn't be matched.
    fn report(&mut self, name: &Name, path: &Text) -> Option<Report> {
        let span = path.span();
        let path = self.path(path)?;
        if path.contains(['*', '?', '[']) {
            let wanted = "a path without patterns; a directory is delivered with all that is in it";
            let error = diagnostics::invalid_value("reports", &path, span, wanted);
            self.found.push(error);
            return None;
        }
        let path = Spanned::new(path, span);
        let name = name.value.clone();
        Some(Report { name, path })
    }

    /// Sets the platform of a stage. A stage that is based on another stage can't choose it.
    fn set_platform(&mut self, written: &syntax::Stage, platform: &mut Platform, has_parent: bool) {
        let Some(text) = self.optional(written.platform.as_ref()) else {
            return;
        };
        if has_parent {
            let wanted = "the platform of the stage that this one starts from; write it there";
            self.found.push(diagnostics::invalid_value(
                "platform",
                &text.value,
                text.span,
                wanted,
            ));
        } else if let Some(named) = self.platform_named("platform", &text) {
            *platform = named;
        }
    }

    /// Returns the required stages; for a stage with a matrix, all combinations that agree with this one's.
    fn requires(&mut self, stage: &syntax::Stage) -> Vec<Spanned<StageId>> {
        let mut required = Vec::new();
        for name in self.texts(&stage.requires) {
            match self.named(&name) {
                Some(Named::Stages(ids)) if ids.len() > 1 => {
                    let Some(agreeing) = self.agreeing(&ids, name.span) else {
                        return required;
                    };
                    if agreeing.is_empty() {
                        _ = self.one_of(Named::Stages(ids), &name);
                        continue;
                    }
                    let edges = Size {
                        values: agreeing.len(),
                        bytes: 0,
                    };
                    if !self.take(|| edges, name.span) {
                        return required;
                    }
                    let ids = agreeing.into_iter();
                    required.extend(ids.map(|id| Spanned::new(id, name.span)));
                }
                Some(named) => {
                    let id = self.one_of(named, &name);
                    required.extend(id.map(|id| Spanned::new(id, name.span)));
                }
                None => {}
            }
        }
        required
    }
}

/// Returns the location of the first step that runs something.
fn first_run(steps: &[Step]) -> Option<Span> {
    steps.iter().find_map(|step| match &step.action {
        Action::Run(run) => run.within.is_none().then_some(step.span),
        Action::Parallel(branches) => branches.iter().find_map(|branch| first_run(branch)),
        _ => None,
    })
}

/// Sorts stages so that each comes after its base.
///
/// Stages before `first` are done already.
fn bases_first(bases: &[Spanned<Base>], first: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(bases.len());
    let mut seen: Vec<bool> = (0..bases.len()).map(|id| id < first).collect();
    for start in first..bases.len() {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(id) = next.filter(|id| !std::mem::replace(&mut seen[*id], true)) {
            chain.push(id);
            next = match bases[id].value {
                Base::Stage(parent) => Some(parent.index()),
                _ => None,
            };
        }
        order.extend(chain.into_iter().rev());
    }
    order
}
