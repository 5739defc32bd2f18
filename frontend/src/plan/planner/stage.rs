//! Stages: bases before those that start from them.

use super::Planner;
use super::settings::extend;
use buildkit_llb::Platform;

use crate::diagnostics;
use crate::plan::{Base, Image, Output, Settings, Source, Stage, StageId};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Action, Origin};

impl Planner<'_> {
    /// Plans all stages, in the order of the file.
    pub(super) fn stages(&mut self) -> Vec<Stage> {
        let file = self.file;
        let bases: Vec<Spanned<Base>> = file
            .stages
            .iter()
            .map(|(name, stage)| self.base(stage, name.span))
            .collect();
        let defaults = self.settings(&file.defaults);
        let mut planned: Vec<Option<Stage>> = file.stages.iter().map(|_| None).collect();
        for id in bases_first(&bases) {
            let base = bases[id].clone();
            let mut platform = self.platform(&file.stages[id].1, &base.value);
            let inherited = match base.value {
                Base::Stage(StageId(parent)) => {
                    // In a cycle of bases there is no parent yet; the cycle itself is reported later.
                    let parent = planned[parent].as_ref();
                    platform = parent.map_or(platform, |parent| parent.platform.clone());
                    parent.map_or_else(Settings::default, |parent| parent.settings.clone())
                }
                _ => defaults.clone(),
            };
            planned[id] = Some(self.stage(id, base, platform, inherited, &defaults));
        }
        planned.into_iter().flatten().collect()
    }

    /// Finds what a stage starts from.
    fn base(&mut self, stage: &syntax::Stage, name: Span) -> Spanned<Base> {
        let scratch = Spanned::new(Base::Scratch, name);
        let Some(origin) = &stage.from else {
            return scratch;
        };
        let span = origin.text().span();
        if let Origin::Word(text) = origin
            && text.constant() == Some("scratch")
        {
            return Spanned::new(Base::Scratch, span);
        }
        let base = match self.source(Some(origin), span).map(|source| source.value) {
            Some(Source::Image(reference)) => Base::Image(reference),
            Some(Source::Stage(id)) => Base::Stage(id),
            Some(Source::Context(name)) => Base::Context(name),
            Some(Source::MainContext) => {
                let wanted = "a stage, an image, `scratch` or `{ context: NAME }`; files of the build context are copied";
                self.found
                    .push(diagnostics::invalid_value("from", "context", span, wanted));
                return scratch;
            }
            Some(Source::Output(id, output)) => {
                let wanted = format!(
                    "a whole stage such as `{}`; of an output, files are copied",
                    self.file.stages[id.0].0.value
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
        inherited: Settings,
        defaults: &Settings,
    ) -> Stage {
        let (name, written) = &self.file.stages[id];
        self.scope.enter_stage(&name.value);
        // Secrets and agents count only where they are written; those of `defaults` are written for every stage.
        let inherited = Settings {
            secrets: defaults.secrets.clone(),
            ssh: defaults.ssh.clone(),
            ..inherited
        };
        let own = self.settings(&written.settings);
        let settings = extend(inherited, own, written.settings.network.is_some());
        let steps: Vec<_> = written
            .steps
            .iter()
            .filter_map(|step| self.step(step, &settings))
            .collect();
        let stage = Stage {
            name: name.value.clone(),
            span: name.span,
            description: self.string(written.description.as_ref()),
            base,
            platform,
            requires: self.requires(written),
            outputs: self.outputs(written),
            image: self.image(&written.image),
            settings,
            steps,
        };
        self.scope.enter_stage("");
        stage
    }

    /// Decides what a stage runs on. One that starts from another can't choose.
    fn platform(&mut self, stage: &syntax::Stage, base: &Base) -> Platform {
        let target = self.request.platforms.target.clone();
        let Some(text) = self.optional(stage.platform.as_ref()) else {
            return target;
        };
        if matches!(base, Base::Stage(_)) {
            let wanted = "the platform of the stage that this one starts from; write it there";
            self.found.push(diagnostics::invalid_value(
                "platform",
                &text.value,
                text.span,
                wanted,
            ));
            return target;
        }
        match text.value.as_str() {
            "target" => target,
            "build" => self.request.platforms.build.clone(),
            other => Platform::parse(other).map_or_else(
                |error| {
                    let wanted =
                        format!("`target`, `build`, or a platform such as linux/arm64 ({error})");
                    self.found.push(diagnostics::invalid_value(
                        "platform", other, text.span, &wanted,
                    ));
                    target
                },
                |platform| platform.normalize(),
            ),
        }
    }

    fn requires(&mut self, stage: &syntax::Stage) -> Vec<Spanned<StageId>> {
        let names = self.texts(&stage.requires);
        names
            .into_iter()
            .filter_map(|name| {
                self.stage_named(&name)
                    .map(|id| Spanned::new(id, name.span))
            })
            .collect()
    }

    fn outputs(&mut self, stage: &syntax::Stage) -> Vec<(String, Output)> {
        let mut outputs = Vec::new();
        for (name, path) in &stage.outputs {
            outputs.extend(
                self.path(path)
                    .map(|path| (name.value.clone(), Output::Path(path))),
            );
        }
        // A step that couldn't be planned is an error already, so indexes agree wherever the plan is used.
        for (index, step) in stage.steps.iter().enumerate() {
            if let Action::Run(run) = &step.action {
                for (name, path) in &run.outputs {
                    let path = self.path(path);
                    outputs
                        .extend(path.map(|path| (name.value.clone(), Output::Step(index, path))));
                }
            }
        }
        outputs
    }

    fn image(&mut self, image: &syntax::Image) -> Image {
        Image {
            user: self.user(image.user.as_ref()),
            workdir: self.optional_path(image.workdir.as_ref()),
            env: self.variables(&image.env),
            entrypoint: image
                .entrypoint
                .as_ref()
                .and_then(|command| self.command(command)),
            cmd: image.cmd.as_ref().and_then(|command| self.command(command)),
            shell: image.shell.as_deref().and_then(|shell| self.shell(shell)),
            expose: image
                .expose
                .iter()
                .filter_map(|port| self.port(port))
                .flatten()
                .collect(),
            volumes: image
                .volumes
                .iter()
                .filter_map(|path| self.path(path))
                .collect(),
            labels: self.labels(&image.labels),
            healthcheck: image
                .healthcheck
                .as_ref()
                .and_then(|check| self.healthcheck(check)),
            stop_signal: self.stop_signal(image.stop_signal.as_ref()),
            on_build: self
                .texts(&image.on_build)
                .into_iter()
                .map(|text| text.value)
                .collect(),
        }
    }
}

/// Orders stages so that each comes after the one that it starts from.
fn bases_first(bases: &[Spanned<Base>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(bases.len());
    let mut seen = vec![false; bases.len()];
    for start in 0..bases.len() {
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
