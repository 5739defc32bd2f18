//! Lowering of a stage: its base, its steps, its requirements, and the config of its image.

use std::collections::BTreeMap;

use buildkit_image_config::History;
use buildkit_llb::{Constrain, FileAction, When};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{Action, Base, Command, Plan, Run, Stage, StageId, Step};
use stagefile_text::visible;

use super::building::{Building, StepContext, places};
use super::built::{Built, Script};
use super::copy_times::Treatment;
use super::progress::{self, Called as _, Progress};
use super::times::KeptTimes;
use super::{Lowering, base_warnings, extent, outputs, paths, users};

/// Lowers a stage; `None` if one of its dependencies couldn't be lowered.
pub(super) fn lower(
    plan: &Plan,
    id: StageId,
    done: &BTreeMap<StageId, Built>,
    kept: &KeptTimes,
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
            base_warnings::warn_of_triggers(external, &resolved, span, found);
            base_warnings::warn_of_platform(
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
    let building = Building::new(plan, stage, &built, done, kept, lowering);

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
        lowering.options.several_platforms,
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
    /// Creates the directory in which steps start, owned by their user.
    fn make_workdir(&self, stage: &Stage, built: &mut Built, name: String) {
        let user = stage.settings.user.as_deref().unwrap_or(&built.origin.user);
        let directory = self.lowering.workdir(&built.workdir, user, &built.state);
        let directory = self.lowering.locate(directory, [stage.span]);
        let directory = directory.when(self.no_cache, FileAction::ignore_cache);
        built.state = built.state.file(directory.called(name));
        let what = format!("workdir {}", built.workdir);
        built.layers.push(History::layer(visible::line(&what)));
    }

    /// Runs steps, one after another.
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

    /// Describes a step; for an unnamed step of a template, includes the name of the template.
    fn labelled(step: &Step, what: &str) -> String {
        match &step.template {
            Some(template) if step.name.is_none() => format!("{template}: {what}"),
            _ => what.to_owned(),
        }
    }

    /// Lowers a step.
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
        let here = StepContext {
            step,
            workdir: &built.workdir,
            files: &built.state,
            times: treatment.times(),
        };
        let actions = self.file_action(&step.action, here);
        let Some(actions) = actions else { return };
        let actions = self.lowering.locate(actions, places(step)).called(name);
        let actions = actions.when(self.no_cache, FileAction::ignore_cache);
        let changed = built.state.file(actions);
        built.state = if treatment == Treatment::Differing {
            self.with_differing_times(&built.state, &changed, &what, here)
        } else {
            changed
        };
        built.steady &= treatment.stays_steady(&step.action, self.lowering);
        built.layers.push(History::layer(visible::line(&what)));
    }

    /// Lowers a `run` step.
    fn run(
        &self,
        step: &Step,
        run: &Run,
        name: String,
        progress: &Progress,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        if let Some(within) = &run.within {
            // It has the environment variables of the image that it runs in.
            let elsewhere = self.with_env(self.env_of(within));
            elsewhere.run_within(step, run, within, name, built, found);
            return;
        }
        let before = (built.state.clone(), built.layers.len());
        let workdir = built.workdir_of(run);
        let user = built.user_of(run).to_owned();
        let env = self.environment(run);
        let context = self.context(&workdir, &user, &env);
        let mounted = outputs::Mounted::new(run, &context);
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
        let exec = self.exec(run, &workdir, user, found);
        let exec = self.lowering.locate(exec, places(step)).called(name);
        let result = built.state.run(exec);
        for (output, path, is_mounted) in outputs {
            let left = if is_mounted {
                let (_, inside) = outputs::mount(&path, &context);
                // If it doesn't exist, that was reported already.
                let state = result.output(&path).ok();
                state.map(|state| (state, inside.to_owned()))
            } else {
                Some((result.root(), path))
            };
            let of_step = |left| ((run.number, output.value.clone()), left);
            built.outputs.extend(left.map(of_step));
        }
        if !run.keep {
            let (state, layers) = before;
            built.state = state;
            built.layers.truncate(layers);
            built.check(step, run, result.root());
            return;
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
}

/// Returns a script for the history: its full text, as it was run.
pub(super) fn history_of(run: &Run) -> String {
    match &run.command {
        Command::Script(script) => format!("run {}", script.trim_end()),
        Command::Arguments(arguments) => format!("run {arguments:?}"),
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Graph, MarshalOptions, Support};

    use super::super::test_plans::lowered;
    use super::super::{Built, Lowered};

    fn target(text: &str) -> Built {
        let Lowered { target, .. } = lowered(text, Support::full()).expect("a graph");
        target
    }

    fn graph(text: &str) -> String {
        let definition = target(text).state.marshal(&MarshalOptions::new());
        Graph::read(&definition).expect("a graph").to_json()
    }

    #[test]
    fn the_root_is_no_workdir_that_has_to_be_made() {
        let text =
            "stages: { base: { from: scratch, workdir: /srv }, app: { from: base, workdir: / } }\n";
        let graph = graph(text);
        assert_eq!(graph.matches("\"mkdir\"").count(), 1, "{graph}");
    }

    #[test]
    fn outputs_of_a_stage_are_paths_in_its_workdir() {
        let text = "
stages:
  made: { from: scratch, workdir: /srv, outputs: { files: data }, steps: [{ mkdir: data }] }
  app: { from: scratch, steps: [{ copy: x, from: made.files }] }
";
        let graph = graph(text);
        assert!(graph.contains("\"src\": \"/srv/data/x\""), "{graph}");
    }

    /// What a check leaves behind is neither part of the image nor of its history.
    #[test]
    fn a_check_has_no_layer_for_its_outputs() {
        let text = "stages: { app: { from: scratch, steps: [{ mkdir: /a }, { run: [x], keep: false, outputs: { out: /out } }] } }\n";
        let history = target(text).config.history;
        let made: Vec<_> = history.iter().map(|one| one.created_by.as_str()).collect();
        assert_eq!(made, ["mkdir /a"]);
    }
}
