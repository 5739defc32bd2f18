//! Assertions about a stage's image.

use std::time::Duration;

use stagefile_runner::{Expectation, Output, Wanted};

use super::Planner;
use super::draft::Scripts;
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{
    Asserted, Assertions, Command, FileFact, ImageFact, Limits, Owner, Run, Settings,
};
use crate::source::Span;
use crate::syntax::{self, Assert, CommandFacts, FileFacts, Name};
use crate::value::{EXISTENCE, EXIT_CODE, FILE_KIND, MODE, SHA256, SIZE};

/// The default time limit of a program: one that never ends, such as a server, is a mistake.
const TIMEOUT: Duration = Duration::from_mins(1);
/// The maximum number of assertions in all stages together.
pub const MAX_FACTS: usize = 10_000;
/// What may be contained in something else.
const FILLED: &str = "a non-empty string";
const OUTPUT: &str = "a non-empty string; `{ equals: \"\" }` means that nothing is written";

impl Planner<'_> {
    /// Evaluates the assertions in one place about a stage with these settings.
    pub(super) fn assertions(
        &mut self,
        written: &Assert,
        settings: &Settings,
        scripts: &mut Scripts,
    ) -> Assertions {
        let mut assertions = Assertions::default();
        if let Some(place) = written.place {
            assertions
                .places
                .extend(self.frame.uses.iter().chain([&place]));
        }
        for (path, facts) in &written.files {
            if let Some(value) = self.path(path) {
                let facts = self.file_facts(path.span(), facts);
                let size = Size::of(&value) * facts.len();
                if !self.take(|| size, path.span()) {
                    continue;
                }
                assertions.files.extend(facts.into_iter().map(|asserted| {
                    let path = value.clone();
                    asserted.map(|wanted| FileFact { path, wanted })
                }));
            }
        }
        if let Some(limit) = self.at_most(written.size.as_ref()) {
            assertions.files.push(limit.map(|wanted| FileFact {
                path: "/".to_owned(),
                wanted,
            }));
        }
        for fact in &written.image {
            self.image_facts(fact, &mut assertions.image);
        }
        // A container has the settings of the image, and of the stage only those that no image has.
        let settings = Settings {
            workdir: None,
            user: None,
            env: Vec::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            ssh: Vec::new(),
            mounts: Vec::new(),
            limits: Limits::default(),
            ulimits: Vec::new(),
            shell: settings.shell.clone(),
            network: settings.network,
            hosts: settings.hosts.clone(),
        };
        for command in &written.commands {
            let asserted = self.asserted_command(command, &settings, scripts);
            assertions.commands.extend(asserted);
        }
        self.limited(assertions, written.place)
    }

    /// Counts assertions. Each adds an excerpt to the graph, and templates and matrices can multiply them.
    fn limited(&mut self, assertions: Assertions, place: Option<Span>) -> Assertions {
        self.facts += assertions.files.len() + assertions.commands.len();
        if self.facts <= MAX_FACTS {
            return assertions;
        }
        let error = diagnostics::too_many_facts(place.unwrap_or_default(), MAX_FACTS);
        self.found.push(error);
        Assertions::default()
    }

    fn asserted<T>(&self, fact: T, span: Span) -> Asserted<T> {
        Asserted {
            fact,
            span,
            uses: self.frame.uses.to_vec(),
        }
    }

    fn file_facts(&mut self, path: Span, facts: &FileFacts) -> Vec<Asserted<Wanted>> {
        let facts = match facts {
            FileFacts::Word(text) => {
                let exists = self.word("files", Some(text), &EXISTENCE);
                let wanted = exists.map(|exists| {
                    if exists {
                        Wanted::Exists
                    } else {
                        Wanted::Absent
                    }
                });
                let asserted = wanted.map(|wanted| self.asserted(wanted, text.span()));
                return asserted.into_iter().collect();
            }
            FileFacts::Facts(facts) => facts,
        };
        let mut all = Vec::new();
        let mut add = |planner: &Self, text: Option<&Text>, wanted: Option<Wanted>| {
            let asserted = text.zip(wanted);
            all.extend(asserted.map(|(text, wanted)| planner.asserted(wanted, text.span())));
        };
        let kind = self.word("type", facts.kind.as_ref(), &FILE_KIND);
        add(self, facts.kind.as_ref(), kind.map(Wanted::Kind));
        let mode = self.value("mode", facts.mode.as_ref(), &MODE);
        add(self, facts.mode.as_ref(), mode.map(Wanted::Mode));
        let owner = self.owner(facts.owner.as_ref());
        let owner = owner.map(|Owner { user, group, .. }| Wanted::Owner { user, group });
        add(self, facts.owner.as_ref(), owner);
        for text in self.splice(&facts.contains) {
            let wanted = self.filled("contains", &text, FILLED);
            let wanted = wanted.map(Wanted::Contains);
            add(self, Some(&text), wanted);
        }
        let digest = self.value("sha256", facts.sha256.as_ref(), &SHA256);
        add(self, facts.sha256.as_ref(), digest.map(Wanted::Sha256));
        let target = facts.symlink.as_ref();
        let wanted = target.and_then(|text| self.filled("symlink", text, FILLED));
        add(self, target, wanted.map(Wanted::Symlink));
        all.extend(self.at_most(facts.size.as_ref()));
        if all.is_empty() {
            all.push(self.asserted(Wanted::Exists, path));
        }
        all
    }

    /// Evaluates a string that must not be empty.
    fn filled(&mut self, key: &str, text: &Text, wanted: &str) -> Option<String> {
        let text = self.text(text)?;
        if text.value.is_empty() {
            let error = diagnostics::invalid_value(key, "", text.span, wanted);
            self.found.push(error);
            return None;
        }
        Some(text.value)
    }

    fn at_most(&mut self, text: Option<&Text>) -> Option<Asserted<Wanted>> {
        let size = self.value("size", text, &SIZE)?;
        text.map(|text| self.asserted(Wanted::AtMost(size), text.span()))
    }

    fn image_facts(&mut self, fact: &syntax::ImageFact, all: &mut Vec<Asserted<ImageFact>>) {
        let (fact, span) = match fact {
            syntax::ImageFact::User(text) => {
                (self.string(Some(text)).map(ImageFact::User), text.span())
            }
            syntax::ImageFact::Workdir(text) => {
                (self.path(text).map(ImageFact::Workdir), text.span())
            }
            syntax::ImageFact::StopSignal(text) => {
                let signal = self.string(Some(text));
                (signal.map(ImageFact::StopSignal), text.span())
            }
            syntax::ImageFact::Entrypoint(command, span) => {
                (self.command(command).map(ImageFact::Entrypoint), *span)
            }
            syntax::ImageFact::Cmd(command, span) => {
                (self.command(command).map(ImageFact::Cmd), *span)
            }
            syntax::ImageFact::Expose(ports, span) => {
                let ports = self.splice(ports);
                let ports: Option<Vec<_>> = ports.iter().map(|port| self.port(port)).collect();
                let ports = ports.map(|ports| ports.into_iter().flatten().collect());
                (ports.map(ImageFact::Expose), *span)
            }
            syntax::ImageFact::Volumes(paths, span) => {
                let paths = self.splice(paths);
                let paths: Option<Vec<_>> = paths.iter().map(|path| self.path(path)).collect();
                (paths.map(ImageFact::Volumes), *span)
            }
            syntax::ImageFact::Env(written) => {
                for (name, _) in written {
                    self.check_environment(name);
                }
                return self.named_facts(written, ImageFact::Env, all);
            }
            syntax::ImageFact::Labels(written) => {
                return self.named_facts(written, ImageFact::Label, all);
            }
        };
        all.extend(fact.map(|fact| self.asserted(fact, span)));
    }

    fn named_facts(
        &mut self,
        written: &[(Name, Option<Text>)],
        fact: fn(String, Option<String>) -> ImageFact,
        all: &mut Vec<Asserted<ImageFact>>,
    ) {
        for (name, text) in written {
            let (value, span) = match text {
                None => (Some(None), name.span),
                Some(text) => (self.string(Some(text)).map(Some), text.span()),
            };
            let fact = value.map(|value| fact(name.value.clone(), value));
            all.extend(fact.map(|fact| self.asserted(fact, span)));
        }
    }

    fn asserted_command(
        &mut self,
        written: &CommandFacts,
        settings: &Settings,
        scripts: &mut Scripts,
    ) -> Option<Asserted<Run>> {
        let exit_code = written.exit_code.as_ref();
        let exit_code = self.value("exit-code", exit_code, &EXIT_CODE);
        let expectation = Expectation {
            exit_code: exit_code.unwrap_or_default(),
            stdout: self.output_facts(&written.stdout),
            stderr: self.output_facts(&written.stderr),
            user: None,
        };
        let program = written.run.as_ref()?;
        let mut run = self.run(program, settings, scripts)?;
        // An empty list has been reported; one that is empty after evaluation hasn't.
        let empty =
            matches!(&program.command, syntax::Command::Arguments(list, _) if list.is_empty());
        if run.command == Command::Arguments(Vec::new()) && !empty {
            self.found
                .push(diagnostics::missing_value("run", written.span));
        }
        run.supervision.timeout.get_or_insert(TIMEOUT);
        run.supervision.expectation = Some(expectation);
        Some(self.asserted(run, written.span))
    }

    fn output_facts(&mut self, written: &syntax::Output) -> Output {
        let contains = self.splice(&written.contains);
        Output {
            equals: self.string(written.equals.as_ref()),
            contains: contains
                .iter()
                .filter_map(|text| self.filled("contains", text, OUTPUT))
                .collect(),
        }
    }
}

impl<T> Asserted<T> {
    fn map<U>(self, convert: impl FnOnce(T) -> U) -> Asserted<U> {
        Asserted {
            fact: convert(self.fact),
            span: self.span,
            uses: self.uses,
        }
    }
}
