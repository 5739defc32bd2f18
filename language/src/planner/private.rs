//! Private stages of a template's use: `app` may consist of its template's stage, and of `app.build` and `app.test`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Planner;
use super::frame::Frame;
use super::instances::{Instance, Named, Part};
use super::settings::extend;
use crate::plan::{Settings, StageId};
use crate::syntax::Template;

impl<'a> Planner<'a> {
    /// Creates the private stages of a template's use, and makes them visible in the template.
    pub(super) fn private_stages(&mut self, template: &'a Template, frame: &mut Frame) {
        let mut private = BTreeMap::new();
        let mut made = Vec::new();
        for (name, stage) in &template.stages {
            if !self.has_room(name.span) {
                return;
            }
            if let Some(text) = &stage.condition
                && !self.within(frame.clone(), |planner| planner.condition(text))
            {
                private.insert(name.value.clone(), Named::Absent(text.span()));
                continue;
            }
            let id = StageId(self.instances.len());
            let (module, display) = self.name_private(&name.value, id, frame);
            self.instances.push(Instance {
                module,
                name: display.clone(),
                span: name.span,
                user: frame.stage,
                is_private: true,
                combination: frame.place.combination.clone(),
                parts: Vec::new(),
            });
            private.insert(name.value.clone(), Named::Stages(vec![id]));
            made.push((id, display, stage));
        }
        frame.private = Rc::new(private);
        // All of them are known now, and may refer to one another.
        for (id, display, stage) in made {
            let mut own = frame.clone();
            own.stage = Some(id);
            own.place.stage = display.into();
            let mut parts = Vec::new();
            self.parts(stage, own, &mut parts);
            self.instances[id.0].parts = parts;
        }
    }

    /// Returns the settings of a template's use, and of the uses that lead there, that the template's private stages need, too:
    /// they may need a secret for their downloads.
    pub(super) fn handed(&mut self, id: usize) -> Settings {
        let mut chain = Vec::new();
        let mut next = id;
        // The private stages of an unused template belong to no stage.
        while let Some(user) = self.instances[next].user {
            let uses = |part: &Part<'_>| part.frame.uses.len();
            let inside = self.instances[next].parts.last().map_or(0, uses);
            let outside = self.instances[user.0].parts.iter();
            let outside = outside.filter(|part| uses(part) < inside).rev();
            chain.extend(outside.cloned());
            next = user.0;
        }
        let mut handed = Settings::default();
        for part in chain.into_iter().rev() {
            let written = self.within(part.frame, |planner| planner.settings(&part.stage.settings));
            let written = Settings {
                env: written.env,
                secrets: written.secrets,
                ssh: written.ssh,
                hosts: written.hosts,
                ..Settings::default()
            };
            handed = extend(handed, written, false);
        }
        handed
    }

    /// Gives a stage a unique name, by which other stages in its user's file and the client can refer to it, and returns it with
    /// that file. In an unused template it has no name.
    fn name_private(&mut self, name: &str, id: StageId, frame: &Frame) -> (usize, String) {
        let Some(user) = frame.stage else {
            return (frame.module, name.to_owned());
        };
        let user = &self.instances[user.0];
        let module = user.module;
        let import = match self.program.modules[module].name.as_str() {
            "" => String::new(),
            import => format!("{import}."),
        };
        let prefix = user.name.strip_prefix(&import).unwrap_or(&user.name);
        let prefix = prefix.to_owned();
        let mut own = format!("{prefix}.{name}");
        let mut count = 1;
        while self.exact.contains_key(&(module, own.clone())) {
            count += 1;
            own = format!("{prefix}.{name}-{count}");
        }
        let display = format!("{import}{own}");
        self.exact.insert((module, own), id);
        (module, display)
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Platform;

    use crate::driver::check;

    use crate::plan::Request;
    use crate::source::Source;

    const FILE: &str = "
defaults: { env: { ALL: \"1\" } }
secrets: { token: {} }
templates:
  inner:
    stages: { deps: { from: \"busybox:1\", steps: [{ run: fetch }] } }
    stage: { from: deps, env: { OF_TEMPLATE: \"1\" } }
  outer:
    inputs: { test: { type: boolean } }
    stages:
      test: { if: inputs.test, use: inner, steps: [{ run: test }] }
      build: { use: inner, steps: [{ run: build }] }
    stage: { steps: [{ copy: /, from: build, to: / }] }
stages:
  app: { use: outer, secrets: token, env: { MIRROR: here }, workdir: /own }
  many: { matrix: { n: [\"1\", \"2\"] }, use: outer, with: { test: true } }
";

    fn request(target: Option<&str>) -> Request {
        Request {
            target: target.map(str::to_owned),
            ..Request::new(Platform::host())
        }
    }

    #[test]
    fn each_use_has_stages_of_its_own_that_the_client_can_name() {
        let source = Source::new("Stagefile", FILE);
        for (target, names) in [
            ("app.build", "app.build"),
            ("app.build.deps", "app.build.deps"),
            ("many-2.test", "many-2.test"),
        ] {
            let checked = check(&source, &request(Some(target)));
            assert!(!checked.found.has_errors(), "{}", checked.report());
            assert_eq!(checked.plan.unwrap().target_name(), names);
        }
        let absent = check(&source, &request(Some("app.test")));
        assert!(absent.found.has_errors());
    }

    #[test]
    fn the_last_stage_of_the_file_is_built_and_none_that_it_has_for_itself() {
        let checked = check(&Source::new("Stagefile", FILE), &request(None));
        let plan = checked.plan.unwrap();
        assert_eq!(plan.target_name(), "many-2");
        let names: Vec<&str> = plan.stages.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names[..3],
            ["app", "app.build", "app.build.deps"],
            "{names:?}"
        );
    }

    #[test]
    fn what_downloads_need_reaches_them_from_beside_the_use() {
        let checked = check(&Source::new("Stagefile", FILE), &request(None));
        let plan = checked.plan.unwrap();
        let deps = plan
            .stages
            .iter()
            .find(|one| one.name == "app.build.deps")
            .unwrap();
        let run = deps.runs().next().unwrap();
        let names: Vec<&str> = run
            .settings
            .env
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        // Neither the settings of the template's own stage for its steps, nor a working directory.
        assert_eq!(names, ["ALL", "MIRROR"]);
        assert_eq!(run.settings.secrets.len(), 1);
        assert_eq!(run.settings.workdir, None);
    }
}
