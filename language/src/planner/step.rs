//! Steps.

use std::sync::Arc;

use stagefile_text::glob;
use stagefile_text::paths;

use super::Planner;
use super::draft::{Draft, Scripts};
use super::settings::extend;
use super::written::{json, yaml};
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::Text;
use crate::habits::{self, ValuePosition};
use crate::plan::place_of;
use crate::plan::{
    Action, BindPattern, Command, Copy, IMAGE, Mkdir, Mount, Remove, Run, Settings, Source, Step,
    StepId, Symlink, Tmpfs, Write, is_directory,
};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Body, Content};
use crate::value::{COPIED_TIMES, COPY_MODE, HOSTNAME, LIMIT, MODE, SIZE};

/// The maximum number of steps and uses of templates in all stages together: nested templates can multiply them.
pub const MAX_STEPS: usize = 100_000;
/// The default mode of a file that a step creates.
pub(super) const FILE_MODE: u32 = 0o644;
const PATTERN: &str = "a pattern below the directory that is copied, such as `docs` or `**/*.md`";

impl Planner<'_> {
    /// Plans steps: those of templates in place of their uses, and without those whose condition is false.
    pub(super) fn steps(&mut self, written: &[syntax::Step], draft: &mut Draft) -> Vec<Step> {
        let mut steps = Vec::new();
        for step in written {
            // Uses and skipped steps count too: nested templates would go on forever otherwise.
            self.steps += 1;
            if self.steps > MAX_STEPS {
                if self.steps == MAX_STEPS + 1 {
                    let error = diagnostics::too_many_steps(step.span, MAX_STEPS);
                    self.found.push(error);
                }
                return steps;
            }
            let id = StepId(self.steps);
            let condition = step.condition.as_ref();
            if !condition.is_none_or(|text| self.step_condition(text)) {
                continue;
            }
            if let syntax::Action::Use(used) = &step.action {
                steps.extend(self.use_template(used, draft));
                continue;
            }
            let action = self.action(&step.action, draft);
            let name = self.string(step.name.as_ref());
            steps.extend(action.map(|action| Step {
                id,
                span: step.span,
                uses: self.frame.uses.to_vec(),
                template: self.frame.template.clone(),
                name,
                action,
            }));
        }
        steps
    }

    /// Plans the steps of a template.
    fn use_template(&mut self, used: &syntax::TemplateUse, draft: &mut Draft) -> Vec<Step> {
        let Some((template, frame)) = self.template(used) else {
            return Vec::new();
        };
        match &template.body {
            Body::Steps(body) => self.within(frame, |planner| planner.steps(body, draft)),
            Body::Stage(_) => {
                let span = used.template.span();
                self.found.push(diagnostics::not_a_step_template(span));
                Vec::new()
            }
        }
    }

    fn action(&mut self, action: &syntax::Action, draft: &mut Draft) -> Option<Action> {
        match action {
            syntax::Action::Run(run) => {
                let run = self.run(run, &draft.stage.settings, &mut draft.scripts);
                run.map(|run| Action::Run(Box::new(run)))
            }
            syntax::Action::Copy(copy) => self.copy(copy).map(|copy| Action::Copy(Box::new(copy))),
            syntax::Action::Write(write) => self.write(write).map(Action::Write),
            syntax::Action::Mkdir(mkdir) => Some(Action::Mkdir(self.mkdir(mkdir))),
            syntax::Action::Remove(remove) => Some(Action::Remove(self.remove(remove))),
            syntax::Action::Symlink(link) => self.symlink(link).map(Action::Symlink),
            syntax::Action::Fetch(fetch) => self
                .fetch(fetch)
                .map(|fetch| Action::Fetch(Box::new(fetch))),
            syntax::Action::Git(git) => self.git(git).map(|git| Action::Git(Box::new(git))),
            syntax::Action::Parallel(branches) => {
                let branches = branches.iter().map(|branch| self.steps(branch, draft));
                Some(Action::Parallel(branches.collect()))
            }
            // Replaced by its steps.
            syntax::Action::Use(_) => None,
        }
    }

    /// Resolves the image or stage in which a script runs instead of its own stage.
    fn within_of(&mut self, origin: &syntax::Origin) -> Option<Spanned<Source>> {
        let span = origin.text().span();
        let source = self.source(Some(origin), span)?;
        let what = match &source.value {
            Source::MainContext => "context",
            Source::Output(_, output) => output.as_str(),
            Source::Stage(_) | Source::External(_) => return Some(source),
        };
        let wanted = "a stage or an image, whose files are a whole system";
        self.found
            .push(diagnostics::invalid_value("in", what, span, wanted));
        None
    }

    /// Plans a script that runs with these settings and its own.
    pub(super) fn run(
        &mut self,
        run: &syntax::Run,
        stage: &Settings,
        scripts: &mut Scripts,
    ) -> Option<Run> {
        let own = self.settings(&run.settings);
        let place = match &run.command {
            syntax::Command::Script(text) => text.span(),
            syntax::Command::Arguments(_, span) => *span,
        };
        if !self.take(|| stage.size(), place) {
            return None;
        }
        let within = run
            .within
            .as_ref()
            .and_then(|origin| self.within_of(origin));
        let mut outer = stage.clone();
        if run.within.is_some() {
            // Settings for the stage's own files don't apply there.
            outer = Settings {
                workdir: Some(IMAGE.to_owned()),
                user: Some("0".to_owned()),
                shell: None,
                caches: Vec::new(),
                mounts: Vec::new(),
                ..outer
            };
            if let Some((name, _)) = run.outputs.first() {
                self.found
                    .push(diagnostics::exclusive("outputs", "in", name.span));
            }
        }
        let mut settings = extend(outer, own, run.settings.network.is_some());
        for bind in &run.bind {
            settings.mounts.extend(self.bind(bind));
        }
        self.check_script(&run.command, &settings);
        let command = self.program(&run.command);
        if let Some(Command::Arguments(words)) = &command
            && words.first().is_some_and(String::is_empty)
        {
            let wanted = "a program, and after it its arguments";
            self.found
                .push(diagnostics::invalid_value("run", "", place, wanted));
        }
        let mut tmpfs = Vec::new();
        for entry in &run.tmpfs {
            let target = self.optional_path(entry.to.as_ref());
            let size = self
                .value("size", entry.size.as_ref(), &SIZE)
                .unwrap_or_default();
            tmpfs.extend(target.map(|target| Tmpfs {
                span: entry.span,
                target,
                size,
            }));
        }
        let every = self.value("every", run.every.as_ref(), &LIMIT);
        let number = scripts.number();
        let mut outputs = Vec::new();
        for (name, path) in &run.outputs {
            self.check_word("an output", name);
            let text = path;
            if let Some(path) = self.path(path) {
                self.check_output(&path, text, &run.command);
                outputs.push(scripts.add(number, name, path));
            }
        }
        Some(Run {
            span: run.command.span(),
            number,
            command: command?,
            within,
            keep: run
                .keep
                .as_ref()
                .is_none_or(|text| self.flag("keep", Some(text))),
            settings,
            tmpfs,
            outputs,
            hostname: self.value("hostname", run.hostname.as_ref(), &HOSTNAME),
            privileged: run
                .privileged
                .as_ref()
                .filter(|text| self.flag("privileged", Some(text)))
                .map(Text::span),
            devices: self.devices(&run.devices),
            cgroup_parent: self.cgroup_parent(run.cgroup_parent.as_ref()),
            always: self.flag("always", run.always.as_ref()),
            every,
            supervision: self.supervision(run),
        })
    }

    /// Creates mounts of paths, each at the path to which a copy would have put it.
    fn bind(&mut self, bind: &syntax::Bind) -> Vec<Mount> {
        let source = self.source(bind.from.as_ref(), bind.span);
        let to = self.optional_path(bind.to.as_ref());
        let parents = self.flag("parents", bind.parents.as_ref());
        let writable = self.flag("rw", bind.rw.as_ref());
        let globs = bind.glob.is_none() || self.flag("glob", bind.glob.as_ref());
        let include: Arc<[String]> = self.patterns("include", &bind.include).into();
        let exclude: Arc<[String]> = self.patterns("exclude", &bind.exclude).into();
        let paths = self.splice(&bind.paths);
        let paths: Vec<_> = paths
            .iter()
            .filter_map(|path| self.source_path(path))
            .collect();
        if globs {
            let paths = paths.iter().map(|path| (path.value.as_str(), path.span));
            self.check_globs("bind", paths);
        }
        let Some(source) = source else {
            return Vec::new();
        };
        let to = to.unwrap_or_default();
        // Each path has its own copies.
        let each = Size::of(&to) + Size::of(&to);
        let copied = paths.iter().map(|path| Size::of(&path.value) + each).sum();
        if !self.take(|| copied, bind.span) {
            return Vec::new();
        }
        let mut mounts = Vec::with_capacity(paths.len());
        for path in paths {
            let is_pattern = globs && glob::is_pattern(&path.value);
            if is_pattern && !source.value.is_there_before_the_build() {
                self.found.push(diagnostics::pattern_of_a_stage(
                    path.value.trim_matches('/'),
                    path.span,
                ));
                continue;
            }
            let pattern = is_pattern.then(|| BindPattern {
                to: to.clone(),
                parents,
            });
            mounts.push(Mount {
                span: path.span,
                source: source.clone(),
                target: place_of(&path.value, &to, parents),
                path: format!("/{}", path.value.trim_matches('/')),
                pattern,
                include: include.clone(),
                exclude: exclude.clone(),
                writable,
            });
        }
        mounts
    }

    fn copy(&mut self, copy: &syntax::Copy) -> Option<Copy> {
        let place = copy.paths.first().map(Text::span).unwrap_or_default();
        let source = self.source(copy.from.as_ref(), place);
        let paths = self.splice(&copy.paths);
        let paths: Vec<_> = paths
            .iter()
            .filter_map(|path| self.source_path(path))
            .collect();
        for text in &copy.paths {
            if let Some(path) = text.constant()
                && let Some(words) = habits::form(ValuePosition::Copy, path)
            {
                let warning = diagnostics::foreign_path(path, text.span(), words);
                self.found.push(warning);
            }
        }
        let glob = copy.glob.is_none() || self.flag("glob", copy.glob.as_ref());
        if glob {
            let paths = paths.iter().map(|path| (path.value.as_str(), path.span));
            self.check_globs("copy", paths);
        }
        let unpack = self.flag("unpack", copy.unpack.as_ref());
        let parents = self.flag("parents", copy.parents.as_ref());
        let mode = copy.mode.as_ref().map(|text| ("mode", text));
        let along = copy.parents.as_ref().filter(|_| parents);
        let along = along.map(|text| ("parents", text));
        for (key, text) in mode.into_iter().chain(along).filter(|_| unpack) {
            self.found
                .push(diagnostics::exclusive(key, "unpack", text.span()));
        }
        let planned = Copy {
            source: source?,
            paths,
            glob,
            to: self.optional_path(copy.to.as_ref()),
            include: self.patterns("include", &copy.include),
            exclude: self.patterns("exclude", &copy.exclude),
            parents,
            owner: self.owner(copy.owner.as_ref()),
            mode: self.value("mode", copy.mode.as_ref(), &COPY_MODE),
            follow: self.flag("follow", copy.follow.as_ref()),
            optional: self.flag("optional", copy.optional.as_ref()),
            unpack,
            times: self.word("times", copy.times.as_ref(), &COPIED_TIMES),
        };
        Some(planned)
    }

    /// Refuses paths that may be patterns but aren't valid ones: a set of characters isn't closed.
    fn check_globs<'p>(&mut self, step: &str, paths: impl Iterator<Item = (&'p str, Span)>) {
        for (path, span) in paths {
            if !path.split('/').all(glob::is_valid) {
                let path = path.trim_matches('/');
                self.found
                    .push(diagnostics::invalid_pattern(step, path, span));
            }
        }
    }

    /// Evaluates patterns in `.dockerignore` syntax, relative to where they are applied, with or without a leading
    /// slash.
    fn patterns(&mut self, key: &str, texts: &[Text]) -> Vec<String> {
        let texts = self.texts(texts);
        let patterns = texts.into_iter().filter_map(|text| {
            let pattern = clean_pattern(&text.value);
            if pattern.is_none() {
                let error = diagnostics::invalid_value(key, &text.value, text.span, PATTERN);
                self.found.push(error);
            }
            pattern
        });
        patterns.collect()
    }

    fn write(&mut self, write: &syntax::Write) -> Option<Write> {
        let path = self.path(&write.path);
        self.check_names_a_file(path.as_deref(), &write.path);
        let content = match &write.content {
            Content::Text(text) => self.string(Some(text)),
            Content::Json(data) => self.data(data).map(|data| json(&data)),
            Content::Yaml(data) => self.data(data).map(|data| yaml(&data)),
        };
        let owner = self.owner(write.owner.as_ref());
        let mode = self
            .value("mode", write.mode.as_ref(), &MODE)
            .unwrap_or(FILE_MODE);
        Some(Write {
            path: path?,
            content: content?,
            owner,
            mode,
        })
    }

    /// Refuses a path that can only be that of a directory.
    fn check_names_a_file(&mut self, path: Option<&str>, text: &Text) {
        if let Some(path) = path.filter(|path| is_directory(path)) {
            let reason = "it names a directory";
            self.found
                .push(diagnostics::invalid_path(path, text.span(), reason));
        }
    }

    fn mkdir(&mut self, mkdir: &syntax::Mkdir) -> Mkdir {
        Mkdir {
            paths: self
                .splice(&mkdir.paths)
                .iter()
                .filter_map(|path| self.path(path))
                .collect(),
            owner: self.owner(mkdir.owner.as_ref()),
            mode: self.value("mode", mkdir.mode.as_ref(), &MODE),
        }
    }

    fn remove(&mut self, remove: &syntax::Remove) -> Remove {
        let written = self.splice(&remove.paths);
        let paths = written.iter().filter_map(|path| {
            let value = self.path(path)?;
            if value.trim_matches(['/', '.']).is_empty() || paths::clean(&value) == "/" {
                let reason = "that would remove everything";
                self.found
                    .push(diagnostics::invalid_path(&value, path.span(), reason));
            }
            Some(value)
        });
        let paths: Vec<String> = paths.collect();
        let glob = self.flag("glob", remove.glob.as_ref());
        if glob {
            let spans = written.iter().map(Text::span);
            self.check_globs("remove", paths.iter().map(String::as_str).zip(spans));
        }
        Remove {
            paths,
            optional: self.flag("optional", remove.optional.as_ref()),
            glob,
        }
    }

    fn symlink(&mut self, link: &syntax::Symlink) -> Option<Symlink> {
        let path = self.path(&link.path);
        self.check_names_a_file(path.as_deref(), &link.path);
        let target = self.path(&link.target);
        let owner = self.owner(link.owner.as_ref());
        Some(Symlink {
            path: path?,
            target: target?,
            owner,
        })
    }
}

/// Cleans a pattern like BuildKit; `None` if it is invalid.
fn clean_pattern(text: &str) -> Option<String> {
    let (sign, path) = match text.trim().strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", text.trim()),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    let good = !parts.is_empty()
        && parts
            .iter()
            .all(|part| glob::is_valid(part) && !part.contains('\0'));
    good.then(|| format!("{sign}{}", parts.join("/")))
}
