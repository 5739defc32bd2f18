//! Explanations of paths missing from stages, images, repositories and other contexts: the daemon finds out during the build, and
//! names neither the source nor the location. The source is only inspected after a build has failed.

use std::collections::BTreeSet;

use buildkit_gateway::context::{ContextFiles, Contexts};
use buildkit_gateway::{Failure, Ref, SolveRequest};
use buildkit_llb::Platform;
use stagefile_language::diagnostic::{Diagnostic, Diagnostics};
use stagefile_language::diagnostics::{self, MissingPath};
use stagefile_language::plan::{External, Plan, Source};
use stagefile_language::source::Sources;
use stagefile_lower::{Lowered, Taken};
use stagefile_text::glob;

use super::{Build, binds, marshalling, mistakes};
use crate::context::{Listing, Missing, Outputs};

/// The maximum number of directories that are listed for a path.
const MAX_DIRECTORIES: usize = 64;

impl Build<'_> {
    /// Explains an error about a missing path; `None` for others.
    pub(super) async fn missing_paths(
        &self,
        failure: &Failure,
        plan: &Plan,
        lowered: &Lowered,
        sources: &Sources,
        target: &Platform,
    ) -> Option<Failure> {
        let mut found = Diagnostics::default();
        let outputs = Outputs::new(plan);
        for taken in suspects(failure, &lowered.taken, sources) {
            if let Some(error) = self.missing(taken, plan, &outputs, target).await {
                found.push_within(&taken.uses, error);
            }
        }
        found
            .has_errors()
            .then(|| mistakes::failure(sources, &found))
    }

    /// Reports a path, unless it exists or this can't be determined.
    async fn missing(
        &self,
        taken: &Taken,
        plan: &Plan,
        outputs: &Outputs<'_>,
        target: &Platform,
    ) -> Option<Diagnostic> {
        let options = marshalling(self.client, target);
        let definition = taken.state.marshal(&options);
        let request = SolveRequest::definition(&definition);
        let solved = self.client.solve(request).await.ok()?;
        let files = solved.single_reference()?;
        let directory = self.directory(&taken.source, target).await;
        let in_directory = match &directory {
            Some(files) => look_in_context(self.contexts, files, &taken.place).await,
            None => None,
        };
        let candidate = if taken.is_pattern {
            let matches = binds::walk(files, &taken.place).await.ok()?;
            if !matches.is_empty() {
                return None;
            }
            None
        } else {
            // If a daemon can't list a directory of the client, it still has the files that were transferred.
            let (missing, names) = match in_directory {
                Some(found) => found,
                None => look(files, &taken.place).await?,
            };
            match in_workdir(taken, plan, files).await {
                Some(path) => Some(path),
                None => missing.nearest(&taken.place, &names),
            }
        };
        let (place, stage) = describe(&taken.source, plan);
        let is_output = matches!(taken.source, Source::Output(..));
        let output = outputs.named(&taken.place, stage, is_output);
        // Paths in an image are relative to its root, those in contexts and repositories to their directory.
        let root = if is_image(&taken.source) { "/" } else { "" };
        let candidate = candidate.map(|path| format!("{root}{path}"));
        Some(diagnostics::missing_path(&MissingPath {
            path: &format!("{root}{}", taken.place),
            is_pattern: taken.is_pattern,
            place: &place,
            candidate: candidate.as_deref(),
            output: output.as_deref(),
            span: taken.span,
        }))
    }
}

impl Build<'_> {
    /// Returns a directory of the client, of which a build transfers only what it uses.
    async fn directory(&self, source: &Source, target: &Platform) -> Option<ContextFiles> {
        let files = match source {
            Source::MainContext => self.contexts.main(self.file).await.ok()?,
            Source::External(External::Context(name)) => {
                let context = self.contexts.named(name, Some(target)).await.ok()?;
                context?.files
            }
            _ => return None,
        };
        files.is_local().then_some(files)
    }
}

/// Searches for a path in a directory of the client; `None` if it exists, or this can't be determined.
pub(super) async fn look_in_context(
    contexts: &Contexts,
    files: &ContextFiles,
    path: &str,
) -> Option<(Missing, Listing)> {
    let mut listing = Listing::default();
    let mut looked = BTreeSet::new();
    loop {
        let missing = listing.find(path).err()?;
        if looked.len() >= MAX_DIRECTORIES {
            return None;
        }
        if !looked.insert(missing.directory.clone()) {
            return Some((missing, listing));
        }
        let below = |what: &str| match missing.directory.as_str() {
            "" => what.to_owned(),
            directory => format!("{}/{what}", glob::escape(directory)),
        };
        let (names, without) = ([below("*")], [below("*/*")]);
        let stats = contexts.list(files, &names, &without).await;
        listing.extend(Listing::from_iter(stats.ok().flatten()?));
    }
}

/// Returns the paths that an error may be about: those of the step that failed.
fn suspects<'t>(failure: &Failure, taken: &'t [Taken], sources: &Sources) -> Vec<&'t Taken> {
    let message = failure.message();
    let is_missing = ["not found", "no such file or directory"]
        .iter()
        .any(|words| message.contains(words));
    // A script may have the same message; but our own program searches for the only match of a pattern.
    let is_script = failure.exit_code().is_some() || message.contains("exit code: ");
    let is_search = message.contains("tool one-match ");
    if failure.vertex().is_none() || !(is_search || is_missing && !is_script) {
        return Vec::new();
    }
    let positions: Vec<_> = failure.positions().collect();
    let mut suspects: Vec<&Taken> = taken
        .iter()
        .filter(|taken| {
            let file = sources.file(taken.step);
            let first = file.position(taken.step.start).line;
            // The initial content of a cache is copied outside of any step.
            positions.is_empty()
                || positions.iter().any(|position| {
                    let mut ranges = position.ranges.iter();
                    position.file.filename == file.name()
                        && ranges.any(|range| usize::try_from(range.start.line) == Ok(first))
                })
        })
        .collect();
    let steps: BTreeSet<_> = suspects.iter().map(|taken| taken.step).collect();
    if steps.len() > 1 || positions.is_empty() {
        // If there are several steps in one line, the sources of the others may not even be built.
        suspects.retain(|taken| message.contains(&format!("/{}", taken.place)));
    }
    suspects
}

/// Returns the position of a path that was probably meant to be relative to the working directory of its stage, like paths in
/// that stage's own steps.
async fn in_workdir(taken: &Taken, plan: &Plan, files: &Ref) -> Option<String> {
    let Source::Stage(id) = taken.source else {
        return None;
    };
    let directory = plan
        .stage(id)
        .settings
        .workdir
        .as_deref()?
        .trim_matches('/');
    let path = format!("{directory}/{}", taken.place);
    files.stat_file(&path).await.is_ok().then_some(path)
}

/// Searches for a path; if it doesn't exist, returns where it ends, and the existing names there.
pub(super) async fn look(files: &Ref, path: &str) -> Option<(Missing, Listing)> {
    let mut listing = Listing::default();
    let mut looked = BTreeSet::new();
    loop {
        let missing = listing.find(path).err()?;
        if looked.len() >= MAX_DIRECTORIES {
            return None;
        }
        let directory = missing.directory.clone();
        if !looked.insert(directory.clone()) {
            return Some((missing, listing));
        }
        // Anything that can't be listed is not a directory.
        let entries = files.read_dir(&format!("/{directory}"), "").await;
        listing.add_directory(&directory, entries.unwrap_or_default());
    }
}

/// Reports whether files are those of an image.
fn is_image(source: &Source) -> bool {
    matches!(
        source,
        Source::Stage(_)
            | Source::Output(..)
            | Source::External(
                External::Image(..) | External::Layout(..) | External::Dockerfile(..)
            )
    )
}

/// Describes the source of a path, and its stage.
fn describe<'p>(source: &Source, plan: &'p Plan) -> (String, Option<&'p str>) {
    match source {
        Source::MainContext => ("the build context".to_owned(), None),
        Source::Stage(id) | Source::Output(id, _) => {
            let name = plan.stage(*id).name.as_str();
            (format!("the stage `{name}`"), Some(name))
        }
        Source::External(External::Context(name)) => (format!("the context `{name}`"), None),
        Source::External(External::Image(image, _)) => {
            (format!("the image `{}`", image.reference.familiar()), None)
        }
        Source::External(external) => (format!("`{}`", external.description()), None),
    }
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::SourcePosition;
    use buildkit_llb::State;
    use stagefile_language::source::{Source as File, Span};

    use super::*;
    use crate::session::tests::harness;

    const FILE: &str = "\n- copy: [a, b]\n- { copy: c }; { copy: d }\n";

    fn taken(place: &str, step: &str) -> Taken {
        let start = FILE.find(step).unwrap();
        let step = Span::new(start, start + step.len());
        Taken {
            state: State::scratch(),
            place: place.to_owned(),
            is_pattern: false,
            source: Source::MainContext,
            span: step,
            step,
            uses: Vec::new(),
        }
    }

    #[test]
    fn only_what_the_failed_step_takes_is_looked_for() {
        let sources = Sources::new(File::new("Stagefile", FILE));
        let all = [
            taken("a", "- copy: [a, b]"),
            taken("b", "- copy: [a, b]"),
            taken("c", "{ copy: c }"),
            taken("d", "{ copy: d }"),
        ];
        let suspected = |message: &str, line: Option<i32>| {
            let failure = Failure::new(message).with_vertex(buildkit_llb::Digest::of(b"v"));
            let place = SourcePosition::new("Stagefile", "YAML", FILE.to_owned());
            let failure = match line {
                Some(line) => failure.at(&place.lines(line, line)),
                None => failure,
            };
            let suspects = suspects(&failure, &all, &sources);
            let places = suspects.iter().map(|taken| taken.place.as_str());
            places.collect::<Vec<_>>().join(" ")
        };
        let missing = "failed to calculate checksum of ref x::y: \"/d\": not found";
        assert_eq!(
            suspected("lstat /a: no such file or directory", Some(2)),
            "a b"
        );
        // For two steps in one line, and for steps without a line, the message decides.
        assert_eq!(suspected(missing, Some(3)), "d");
        assert_eq!(suspected(missing, None), "d");
        assert_eq!(suspected(missing, Some(1)), "");
        let script = "process \"ls /d: not found\" did not complete successfully: exit code: 1";
        assert_eq!(suspected(script, Some(3)), "");
        assert_eq!(suspected("no space left on device", Some(2)), "");
    }

    const BUILD: &str = "
stages:
  tools:
    from: busybox:1.35
    workdir: /srv
    steps: [{ run: make }]
  app:
    from: busybox:1.35
    steps:
      - copy: /lib/main.so
        from: busybox:1.35
      - copy: /bin/tool
        from: tools
      - copy: src/main.c
      - run: make
        bind: main.c
";

    /// Makes the step with this name fail, and returns the resulting error; `None` if the daemon's error is passed on unchanged.
    async fn explained(step: &str, message: &str) -> Option<Failure> {
        let daemon = harness::daemon(BUILD)
            .local("context", [("src/main.c", ""), ("main.c", "")])
            .source(
                harness::IMAGE,
                [("lib/libmain.so", ""), ("lib/main.so.1", "")],
            )
            .result_of("[tools 2/2] run make", [("srv/bin/tool", "")])
            .failure_of(step, Failure::new(message));
        harness::ask(&daemon, &[]).await.err()
    }

    #[tokio::test]
    async fn what_is_there_instead_is_looked_for_where_the_step_looked() {
        let failure = explained(
            "[app 1/4] copy lib/main.so from busybox:1.35 → .",
            "lstat /lib/main.so: no such file or directory",
        )
        .await
        .unwrap();
        let message = failure.message();
        assert!(message.contains("the image `busybox:1.35`"), "{message}");
        assert!(message.contains("`/lib/main.so.1`"), "{message}");
        assert_eq!(harness::lines(&failure), [10]);

        let failure = explained(
            "[app 2/4] copy bin/tool from tools → .",
            "failed to calculate checksum of ref x: \"/bin/tool\": not found",
        )
        .await
        .unwrap();
        let message = failure.message();
        assert!(message.contains("the stage `tools`"), "{message}");
        assert!(message.contains("`/srv/bin/tool`"), "{message}");
        assert_eq!(harness::lines(&failure), [12]);
    }

    #[tokio::test]
    async fn a_failure_of_something_else_stays_what_it_is() {
        // Errors of scripts that can't find something aren't explained either.
        for message in [
            "no space left on device",
            "process \"make\" did not complete successfully: exit code: 2: not found",
        ] {
            assert_eq!(explained("[app 4/4] run make", message).await, None);
        }
    }
}
