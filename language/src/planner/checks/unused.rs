//! Definitions in a file that nothing uses.
//!
//! Stages that don't exist in this request use definitions, too, so the file is checked rather than the plan. If a name is
//! computed by an expression, any definition may be used, and there is no warning.

use std::collections::{BTreeSet, HashSet};

use crate::diagnostics;
use crate::expression::{Language, Text};
use crate::planner::Planner;
use crate::syntax::{Action, Body, File, Settings, Stage, Step, Use};

/// Prefixes of secrets that the daemon uses for repositories and downloads, without a script that names them.
const BY_DAEMON: [&str; 2] = ["GIT_AUTH_", "HTTP_AUTH_"];

/// Used names of one kind.
#[derive(Default)]
struct Used<'a> {
    names: BTreeSet<&'a str>,
    /// Whether an expression computes one, so that any name may be used.
    any: bool,
}

impl<'a> Used<'a> {
    fn add(&mut self, name: &'a Text) {
        match name.constant() {
            Some(name) => _ = self.names.insert(name),
            None => self.any = true,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }
}

/// The names that a file uses.
#[derive(Default)]
struct Uses<'a> {
    caches: Used<'a>,
    secrets: Used<'a>,
    templates: Used<'a>,
}

impl<'a> Uses<'a> {
    fn collect(file: &'a File) -> Self {
        let mut uses = Self::default();
        uses.settings(&file.defaults);
        for (_, template) in &file.templates {
            for (_, stage) in &template.stages {
                uses.stage(stage);
            }
            match &template.body {
                Body::Steps(steps) => uses.steps(steps),
                Body::Stage(stage) => uses.stage(stage),
            }
        }
        for (_, stage) in &file.stages {
            uses.stage(stage);
        }
        uses
    }

    fn stage(&mut self, stage: &'a Stage) {
        self.settings(&stage.settings);
        self.steps(&stage.steps);
        if let Some(used) = &stage.template {
            self.templates.add(&used.template);
        }
    }

    fn steps(&mut self, steps: &'a [Step]) {
        for step in steps {
            match &step.action {
                Action::Run(run) => self.settings(&run.settings),
                Action::Use(used) => self.templates.add(&used.template),
                Action::Parallel(branches) => {
                    for branch in branches {
                        self.steps(branch);
                    }
                }
                _ => {}
            }
        }
    }

    fn settings(&mut self, settings: &'a Settings) {
        for cache in &settings.caches {
            if let Use::Named(name) = cache {
                self.caches.add(name);
            }
        }
        for secret in &settings.secrets {
            if let Use::Named(name) = secret {
                self.secrets.add(name);
            }
        }
    }
}

impl Planner<'_> {
    /// Warns of definitions in the user's own file that nothing in it uses.
    pub(in crate::planner) fn check_unused(&mut self, language: &Language) {
        let file = &self.program.main().file;
        let uses = Uses::collect(file);
        let mentioned = language.members("args");
        for (name, _) in &file.args {
            let used = |members: &HashSet<String>| members.contains(&name.value);
            if mentioned.as_ref().is_some_and(|members| !used(members)) {
                let warning = diagnostics::unused_argument(&name.value, name.span);
                self.found.push(warning);
            }
        }
        for (name, _) in &file.caches {
            if !uses.caches.has(&name.value) {
                self.found
                    .push(diagnostics::unused_cache(&name.value, name.span));
            }
        }
        for (name, _) in &file.secrets {
            let by_daemon = BY_DAEMON.iter().any(|one| name.value.starts_with(one));
            if !by_daemon && !uses.secrets.has(&name.value) {
                self.found
                    .push(diagnostics::unused_secret(&name.value, name.span));
            }
        }
        // Many places may use an item, and each contains this text.
        let text = self.program.sources.main().text();
        for (name, _) in &file.imports {
            if !text.contains(&format!("{}.", name.value)) {
                let warning = diagnostics::unused_import(&name.value, name.span);
                self.found.push(warning);
            }
        }
        for (name, _) in &file.templates {
            if !uses.templates.has(&name.value) {
                let warning = diagnostics::unused_template(&name.value, name.span);
                self.found.push(warning);
            }
        }
    }
}
