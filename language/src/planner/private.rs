//! Stages that a template has for each of its uses: `app` may consist of its template's stage, and of `app.build` and `app.test`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Planner;
use super::frame::Frame;
use super::instances::{Instance, Named, Part};
use super::settings::extend;
use crate::plan::{Settings, StageId};
use crate::syntax::Template;

impl<'a> Planner<'a> {
    /// Makes the stages that a use of a template has for itself, and lets what is written in the template see them.
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
        // All of them are known now, and may name one another.
        for (id, display, stage) in made {
            let mut own = frame.clone();
            own.stage = Some(id);
            own.place.stage = display.into();
            let mut parts = Vec::new();
            self.parts(stage, own, &mut parts);
            self.instances[id.0].parts = parts;
        }
    }

    /// Returns what is written beside the use of a template, and beside the uses that lead there, that the stages which the
    /// template has for itself need too: what they download, they may need a password for.
    pub(super) fn handed(&mut self, id: usize) -> Settings {
        let mut chain = Vec::new();
        let mut next = id;
        // The stages of a template that nothing uses belong to none.
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

    /// Gives a stage a name that no other one has, by which other stages of its user's file and the client can name it, and
    /// returns it with that file. Of a template that nothing uses it has none.
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
