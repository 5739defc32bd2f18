//! Explanations of missing paths, for which the daemon has neither a location nor a hint: the source is only inspected after a
//! build has failed.

use buildkit_dockerfile::{Fixer, Lines, SourceOrigin, SourcePath};
use buildkit_gateway::context::ContextFiles;
use buildkit_gateway::{Failure, SolveRequest};
use buildkit_llb::Platform;
use stagefile_language::diagnostic::{Diagnostic, Diagnostics, render};
use stagefile_language::diagnostics::{self, MissingPath};
use stagefile_language::source::{Source, Sources, Span};

use super::super::{marshalling, missing_paths};
use super::build::Session;
use crate::context::Ignored;

impl Session<'_> {
    /// Adds to an error about a missing path where it is missing, and what may be meant; `None` for other errors.
    pub(super) async fn missing_path(
        &self,
        failure: &Failure,
        source_paths: &[SourcePath],
        platform: &Platform,
    ) -> Option<Failure> {
        let path = path_of(failure.message())?;
        let source = self.source();
        let mut found = Diagnostics::default();
        for source_path in source_paths
            .iter()
            .filter(|source_path| source_path.path == path)
        {
            let span = self.place(failure, path, &source);
            if let Some(error) = self.missing(source_path, span, platform).await {
                found.push(error);
                break;
            }
        }
        if !found.has_errors() {
            return None;
        }
        let sources = Sources::new(source);
        let reasons = render(&sources, &found.errors());
        let message = format!("{}\n\n{reasons}", failure.message());
        Some(failure.clone().with_message(message))
    }

    /// Reports a path, unless it exists or this can't be determined.
    async fn missing(
        &self,
        source_path: &SourcePath,
        span: Span,
        platform: &Platform,
    ) -> Option<Diagnostic> {
        let place = match &source_path.from {
            SourceOrigin::Context => "the build context".to_owned(),
            SourceOrigin::Stage(name) => format!("the stage `{name}`"),
            SourceOrigin::Other(name) => format!("`{name}`"),
        };
        let below = source_path.path.trim_start_matches('/');
        let directory = self.directory(&source_path.from, platform).await;
        let (missing, names, root) = if let Some(files) = directory {
            let ignored = files.ignore_file().map(Ignored::new);
            if let Some(line) = ignored.and_then(|ignored| ignored.excludes(below)) {
                return Some(diagnostics::ignored_path(below, &place, span, &line));
            }
            let looked = missing_paths::look_in_context(self.contexts, &files, below);
            let (missing, names) = looked.await?;
            (missing, names, "")
        } else {
            let definition = source_path
                .files
                .marshal(&marshalling(self.client, platform));
            let request = SolveRequest::definition(&definition);
            let solved = self.client.solve(request).await.ok()?;
            let looked = missing_paths::look(solved.single_reference()?, below);
            let (missing, names) = looked.await?;
            (missing, names, "/")
        };
        let nearest = missing.nearest(below, &names);
        let candidate = nearest.map(|nearest| format!("{root}{nearest}"));
        Some(diagnostics::missing_path(&MissingPath {
            path: &format!("{root}{below}"),
            is_pattern: false,
            place: &place,
            candidate: candidate.as_deref(),
            output: None,
            span,
        }))
    }

    /// Returns a directory of the client, of which a build transfers only what it uses.
    async fn directory(&self, from: &SourceOrigin, platform: &Platform) -> Option<ContextFiles> {
        let files = match from {
            SourceOrigin::Context => self.contexts.main(self.file).await.ok()?,
            SourceOrigin::Other(name) => {
                let context = self.contexts.named(name, Some(platform)).await.ok()?;
                context?.files
            }
            SourceOrigin::Stage(_) => return None,
        };
        files.is_local().then_some(files)
    }

    /// Finds a path in the instruction that failed, as it is written there.
    fn place(&self, failure: &Failure, path: &str, source: &Source) -> Span {
        // The position of an instruction is one range for each of its lines.
        let ranges = failure.positions().flat_map(|position| position.ranges);
        let numbers = ranges.flat_map(|range| [range.start.line, range.end.line]);
        let numbers: Vec<u32> = numbers.filter_map(|line| line.try_into().ok()).collect();
        let first = numbers.iter().min().copied().unwrap_or(1);
        let lines = Lines::new(first, numbers.iter().max().copied().unwrap_or(1));
        let fixer = Fixer::new(source.text(), self.dockerfile);
        let below = path.trim_start_matches('/');
        let written = [path, below].into_iter();
        let mut written = written.filter_map(|path| fixer.find(lines, path));
        let place = written.next().unwrap_or_else(|| fixer.place(lines));
        source.span(place.start, place.end)
    }
}

/// Returns the path that the daemon's error says is missing.
fn path_of(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("failed to calculate checksum of ref ")?;
    let (_, path) = rest.strip_suffix("\": not found")?.split_once(": \"")?;
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::harness;

    const FILE: &str = "\
FROM busybox:1.35 AS build
RUN make
FROM busybox:1.35
COPY --chown=1:1 \\
  srcs/main.c /src/
COPY --from=build /out/ap /
COPY dist/app.js /
COPY --from=tools tool.shh /
RUN --mount=source=main.d,target=/main.c cc /main.c
";

    /// Makes a step fail, and returns the resulting error; `None` if the daemon's error is passed on unchanged.
    async fn explained(step: &str, message: &str) -> Option<Failure> {
        let daemon = harness::daemon_of("Dockerfile", FILE)
            .local(
                "context",
                [
                    (".dockerignore", "# made\ndist\n"),
                    ("src/main.c", ""),
                    ("main.c", ""),
                    ("dist/app.js", ""),
                ],
            )
            .local("tools", [("tool.sh", "")])
            .result_of("[build 2/2] RUN make", [("out/app", "")])
            .failure_of(step, Failure::new(message));
        let options = [("context:tools", "local:tools")];
        harness::ask(&daemon, &options).await.err()
    }

    #[tokio::test]
    async fn what_is_there_instead_is_said_after_the_daemons_words() {
        let checksum = "failed to compute cache key: failed to calculate checksum of ref a::b: ";
        for (step, path, line, expected) in [
            (
                "[stage-1 2/6] COPY --chown=1:1   srcs/main.c /src/",
                "/srcs/main.c",
                5,
                ["no `srcs/main.c` in the build context", "`src/main.c`?"],
            ),
            (
                "[stage-1 3/6] COPY --from=build /out/ap /",
                "/out/ap",
                6,
                ["no `/out/ap` in the stage `build`", "`/out/app`?"],
            ),
            (
                "[stage-1 4/6] COPY dist/app.js /",
                "/dist/app.js",
                7,
                [
                    "`dist/app.js` is excluded from the build context",
                    "by `dist` in line 2 of .dockerignore",
                ],
            ),
            (
                "[stage-1 5/6] COPY --from=tools tool.shh /",
                "/tool.shh",
                8,
                ["no `tool.shh` in `tools`", "`tool.sh`?"],
            ),
            (
                "[stage-1 6/6] RUN --mount=source=main.d,target=/main.c cc /main.c",
                "/main.d",
                9,
                ["no `main.d` in the build context", "`main.c`?"],
            ),
        ] {
            let message = format!("{checksum}\"{path}\": not found");
            let failure = explained(step, &message).await.unwrap();
            let said = failure.message();
            assert!(said.starts_with(&format!("{message}\n\n")), "{said}");
            let place = format!("Dockerfile:{line}:");
            for words in expected.into_iter().chain([place.as_str()]) {
                assert!(said.contains(words), "{words}: {said}");
            }
        }
    }

    /// Errors about a path that does exist or that is in no instruction, and errors about other things, are left to the daemon.
    #[tokio::test]
    async fn other_errors_stay_as_they_are() {
        let step = "[stage-1 4/6] COPY dist/app.js /";
        for message in [
            "no space left on device",
            "failed to calculate checksum of ref a::b: \"/main.c\": not found",
            "failed to calculate checksum of ref a::b: \"/out\": not found",
        ] {
            assert_eq!(explained(step, message).await, None);
        }
    }
}
