//! Assertions about a stage's image.
//!
//! Assertions about the config are evaluated here. Files and commands are checked by our own program, in steps next to the
//! stage: their changes aren't part of the stage's result, which is valid only if they succeed.

use std::collections::BTreeSet;

use buildkit_image_config::ContainerConfig;
use buildkit_llb::{Constrain, Exec, FileAction, Mkfile, Mount, Network, State, When};
use stagefile_language::diagnostic::{Diagnostic, Diagnostics, render};
use stagefile_language::diagnostics;
use stagefile_language::plan::{Asserted, Command, FileFact, ImageFact, Run};
use stagefile_runner::reserved::{FACTS, IMAGE, RUNNER};
use stagefile_runner::{FAILED, Fact, Facts, MESSAGE, examination_arguments};

use super::building::Building;
use super::built::Built;
use super::look::unhashed;
use super::progress::{self, Called as _, Progress};

use super::{Lowering, paths};

/// The maximum length of a line that is shown, in bytes.
const MAX_LINE_LENGTH: usize = 1000;
/// The name of the file with the facts in the file system that it is mounted from.
const FILE: &str = "/facts.json";

impl Building<'_> {
    /// Evaluates the assertions about a stage's config, and creates the steps that check files and commands; `None` if our
    /// program isn't available for them.
    pub(super) fn assertions(
        &self,
        built: &Built,
        progress: &Progress,
        found: &mut Diagnostics,
    ) -> Option<Vec<State>> {
        let assertions = &self.stage.assertions;
        if built.config_known {
            for asserted in &assertions.image {
                if let Some(wrong) = mismatch(&asserted.fact, built) {
                    let error = self.lowering.failed(asserted, wrong);
                    found.push(error);
                }
            }
        }
        let mut checks = Vec::new();
        if !assertions.files.is_empty() {
            checks.push(self.examine(&assertions.files, built, progress)?);
        }
        for asserted in &assertions.commands {
            let name = progress.beside(&progress::asserted(&asserted.fact));
            checks.push(self.try_command(asserted, built, name, found)?);
        }
        Some(checks)
    }

    /// Checks files, on the daemon's native platform whatever the image's platform is: no program of the image runs.
    fn examine(
        &self,
        files: &[Asserted<FileFact>],
        built: &Built,
        progress: &Progress,
    ) -> Option<State> {
        let lowering = self.lowering;
        let facts = files.iter().map(|asserted| Fact {
            path: paths::join(&built.workdir, &asserted.fact.path),
            wanted: asserted.fact.wanted.clone(),
            place: lowering.place(asserted),
            excerpt: lowering.excerpt(asserted),
        });
        let facts = Facts {
            about: self.stage.name.clone(),
            facts: facts.collect(),
        };
        let places = || self.stage.assertions.places.iter().copied();
        let file = FileAction::from(Mkfile::new(FILE, 0o644, facts.to_json()));
        let file = file.called(progress.beside("facts about files"));
        let file = State::scratch().file(lowering.locate(file, places()));
        // An empty image can't be mounted.
        let image = if built.state.is_scratch() {
            Mount::scratch(IMAGE)
        } else {
            unhashed(IMAGE, &built.state, &lowering.daemon.support)
        };
        let exec = Exec::command(RUNNER, examination_arguments(IMAGE, FACTS))
            .mount(lowering.runner(&lowering.daemon.native)?.mount())
            .mount(Mount::bind(FACTS, &file).selector(FILE).readonly())
            .mount(image)
            .network(Network::None)
            .when(self.no_cache, Exec::ignore_cache)
            .called(progress.beside("assert files"));
        let exec = lowering.locate(exec, places());
        let nothing = State::scratch().platform(&lowering.daemon.native);
        Some(nothing.run(exec).root())
    }

    /// Runs a program in the finished image, like in a container.
    fn try_command(
        &self,
        asserted: &Asserted<Run>,
        built: &Built,
        name: String,
        found: &mut Diagnostics,
    ) -> Option<State> {
        // Without our program, the command would run unchecked.
        self.lowering.runner(self.platform)?;
        let (run, config) = (&asserted.fact, &built.config.config);
        let container = self.with_env(config.env.clone());
        let own = paths::clean(&config.working_dir);
        let workdir = run.settings.workdir.as_deref();
        let workdir = workdir.map_or_else(|| own.clone(), |path| paths::join(&own, path));
        let user = run.settings.user.as_deref().unwrap_or(&config.user);
        let user = Some(user).filter(|user| !user.is_empty());
        // Without a list of users in the image, BuildKit can't look up the group of a numeric user; our own program can.
        let number = user.and_then(|user| user.parse().ok());
        let by_us = built.config_known && built.base_config.is_none();
        let mut run = run.clone();
        let user = match number.filter(|_| by_us) {
            Some(number) => {
                let expectation = &mut run.supervision.expectation;
                expectation.get_or_insert_default().user = Some(number);
                None
            }
            None => user,
        };
        let exec = container.exec(&run, &workdir, user, found);
        let places = asserted.uses.iter().copied().chain([asserted.span]);
        let exec = self.lowering.locate(exec, places).called(name);
        Some(built.state.run(exec).root())
    }
}

impl Lowering<'_> {
    /// Reports an assertion that fails.
    fn failed<T>(&self, asserted: &Asserted<T>, message: impl Into<String>) -> Diagnostic {
        let span = self.sources.first_line(asserted.span);
        let uses = asserted.uses.iter();
        uses.fold(diagnostics::assert_failed(message, span), |error, span| {
            error.secondary(*span, "used here")
        })
    }

    /// Renders the message for a failed assertion, with a gap for the actual value.
    fn excerpt<T>(&self, asserted: &Asserted<T>) -> String {
        let mut shown = asserted.uses.iter().chain([&asserted.span]);
        // A whole file may be a single line, which would be repeated for each of its assertions.
        if shown.any(|span| self.sources.file(*span).line(span.start).1 > MAX_LINE_LENGTH) {
            return format!("{FAILED}{MESSAGE}\n --> {}", self.place(asserted));
        }
        render(self.sources, &[&self.failed(asserted, MESSAGE)])
    }

    /// Formats the location of an assertion: file and line.
    fn place<T>(&self, asserted: &Asserted<T>) -> String {
        let file = self.sources.file(asserted.span);
        let (line, _) = file.line(asserted.span.start);
        format!("{}:{line}", file.name())
    }
}

/// Returns the actual value if an assertion about a config fails.
fn mismatch(fact: &ImageFact, built: &Built) -> Option<String> {
    let config = &built.config.config;
    match fact {
        ImageFact::User(user) => differs("the user", &config.user, user),
        ImageFact::Workdir(path) => {
            let wanted = paths::join(&built.workdir, path);
            differs("the workdir", &paths::clean(&config.working_dir), &wanted)
        }
        ImageFact::StopSignal(signal) => differs("the stop signal", &config.stop_signal, signal),
        ImageFact::Env(name, wanted) => {
            let what = format!("the variable `{name}`");
            named_differs(&what, config.env(name), wanted.as_deref())
        }
        ImageFact::Label(name, wanted) => {
            let found = config.labels.get(name).map(String::as_str);
            named_differs(&format!("the label `{name}`"), found, wanted.as_deref())
        }
        ImageFact::Entrypoint(command) => {
            program_differs("the entrypoint", &config.entrypoint, command, config)
        }
        ImageFact::Cmd(command) => program_differs("the cmd", &config.cmd, command, config),
        ImageFact::Expose(ports) => {
            let found = config.exposed_ports.iter();
            let found = found.map(|port| {
                if port.contains('/') {
                    port.clone()
                } else {
                    format!("{port}/tcp")
                }
            });
            set_differs(
                "exposes",
                "ports",
                &found.collect(),
                &ports.iter().cloned().collect(),
            )
        }
        ImageFact::Volumes(volumes) => {
            let wanted = volumes.iter().map(|path| paths::join(&built.workdir, path));
            let found = config.volumes.iter().map(|path| paths::clean(path));
            set_differs("has", "volumes", &found.collect(), &wanted.collect())
        }
    }
}

fn differs(what: &str, found: &str, wanted: &str) -> Option<String> {
    let quoted = |text: &str| match text {
        "" => "empty".to_owned(),
        text => format!("`{text}`"),
    };
    (found != wanted).then(|| format!("{what} is {}, not {}", quoted(found), quoted(wanted)))
}

fn named_differs(what: &str, found: Option<&str>, wanted: Option<&str>) -> Option<String> {
    match (found, wanted) {
        (Some(found), Some(wanted)) => differs(what, found, wanted),
        (Some(found), None) => Some(format!("{what} is there: `{found}`")),
        (None, Some(_)) => Some(format!("{what} is not there")),
        (None, None) => None,
    }
}

fn program_differs(
    what: &str,
    found: &[String],
    wanted: &Command,
    config: &ContainerConfig,
) -> Option<String> {
    let wanted = wanted.words(&config.shell);
    (found != wanted).then(|| format!("{what} is {found:?}, not {wanted:?}"))
}

fn set_differs(
    verb: &str,
    what: &str,
    found: &BTreeSet<String>,
    wanted: &BTreeSet<String>,
) -> Option<String> {
    let list = |set: &BTreeSet<String>| {
        if set.is_empty() {
            return format!("no {what}");
        }
        let quoted = set.iter().map(|one| format!("`{one}`"));
        quoted.collect::<Vec<_>>().join(", ")
    };
    (found != wanted).then(|| format!("the image {verb} {}, not {}", list(found), list(wanted)))
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Graph, MarshalOptions, SourceMap, Support};
    use stagefile_language::source::{Source, Sources, Span};

    use super::super::{Daemon, SourceMaps};
    use super::*;

    fn excerpt(text: &str, uses: &[Span]) -> String {
        let sources = Sources::new(Source::new("Stagefile", text));
        let map = SourceMap::new("Stagefile", "YAML", text.to_owned());
        let start = text.find("exists").unwrap_or_default();
        Lowering::new(&sources, SourceMaps::new(&sources, map)).excerpt(&Asserted {
            fact: (),
            span: Span::new(start, start + 6),
            uses: uses.to_vec(),
        })
    }

    #[test]
    fn excerpts_have_a_gap_for_the_message() {
        let shown = excerpt("use: x\n\n/a: exists\n", &[Span::new(5, 6)]);
        assert!(shown.starts_with("error[assert-failed]: …\n"), "{shown}");
        assert!(shown.contains("3 | /a: exists"), "{shown}");
        assert!(shown.contains("used here"), "{shown}");
    }

    /// The daemon reads a read-only mount for the cache key unless told not to, and other mounts if their changes aren't
    /// kept.
    #[test]
    fn the_daemon_reads_no_file_of_the_image() {
        let sources = Sources::new(Source::new("Stagefile", ""));
        let map = SourceMap::new("Stagefile", "YAML", "");
        for (support, expected) in [
            (Support::full(), (true, true, true)),
            (Support::from_capabilities([]), (false, false, false)),
        ] {
            let lowering = Lowering {
                daemon: Daemon {
                    support,
                    ..Daemon::default()
                },
                ..Lowering::new(&sources, SourceMaps::new(&sources, map.clone()))
            };
            let image = State::scratch().file(FileAction::from(Mkfile::new("/a", 0o644, "")));
            let exec = Exec::command("x", [""; 0]).mount(unhashed(
                "/image",
                &image,
                &lowering.daemon.support,
            ));
            let definition = image.run(exec).root().marshal(&MarshalOptions::new());
            let graph = Graph::read(&definition).unwrap().to_json();
            let mount = graph
                .split("\"dest\": ")
                .find(|part| part.starts_with("\"/image\""));
            let mount = mount.unwrap();
            let found = (
                graph.contains("\"contentCache\": \"OFF\""),
                mount.contains("\"readonly\": true"),
                mount.contains("\"output\": \"-1\""),
            );
            assert_eq!(found, expected, "{mount}");
        }
    }

    #[test]
    fn excerpts_have_no_endless_lines() {
        let long = "x".repeat(2000);
        for text in [
            format!("a: {long}, b: exists\n"),
            format!("{long}\nb: exists\n"),
        ] {
            let shown = excerpt(&text, &[Span::new(0, 1)]);
            let line = text.lines().count();
            let expected = format!("error[assert-failed]: …\n --> Stagefile:{line}");
            assert_eq!(shown, expected);
        }
    }
}
