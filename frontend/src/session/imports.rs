//! Files that the file imports, from the build context or from other sources.

use buildkit_gateway::{Error, Failure, SolveRequest, Warning};
use buildkit_llb::{Platform, State};
use futures_util::future::join_all;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{External, ImportedFile};
use stagefile_language::program::{Unread, Wanted};
use stagefile_language::source::{Sources, Span};
use stagefile_language::syntax::tree::MAX_BYTES;
use stagefile_lower::{Daemon, Externals, Lowering, Needs, SourceMaps};

use super::{Build, marshalling, mistakes, projects};

impl Build<'_> {
    /// Reads files concurrently. The reason why one can't be read is part of the answer, and is shown at its import.
    pub(super) async fn read(
        &self,
        wanted: &[Wanted],
        sources: &Sources,
    ) -> Vec<(ImportedFile, Result<String, Unread>)> {
        let mut files: Vec<&Wanted> = Vec::new();
        for one in wanted {
            if !files.iter().any(|other| other.file == one.file) {
                files.push(one);
            }
        }
        let texts = join_all(files.iter().map(|wanted| self.text(wanted, sources))).await;
        let texts = texts.into_iter().map(|text| {
            // In one line, since it is shown next to the import. The output of the daemon's programs has several lines.
            text.unwrap_or_else(|failure| {
                let lines: Vec<&str> = failure.message().split_whitespace().collect();
                Err(lines.join(" ").into())
            })
        });
        files
            .into_iter()
            .map(|wanted| wanted.file.clone())
            .zip(texts)
            .collect()
    }

    /// Reads a file of the build context.
    pub(super) async fn context_file(&self, path: &str) -> Result<bytes::Bytes, Failure> {
        self.file_of(&self.contexts.main_file(path), path, "the build context")
            .await
    }

    async fn text(
        &self,
        wanted: &Wanted,
        sources: &Sources,
    ) -> Result<Result<String, Unread>, Failure> {
        let path = &wanted.file.path;
        if let Some(args) = &wanted.file.project {
            let made = projects::of_folder(self.client, self.contexts, path, args, self.file);
            let (text, notes) = match made.await? {
                Ok(made) => made,
                Err(unread) => return Ok(Err(unread)),
            };
            for note in notes {
                let warning = Warning::new(note).at(mistakes::excerpt(sources, wanted.span));
                _ = self.contexts.warn(self.file, warning).await;
            }
            return Ok(Ok(text));
        }
        let (state, place) = match &wanted.file.from {
            None => (
                self.contexts.main_file(path),
                "the build context".to_owned(),
            ),
            Some(from) => (
                self.outside(from, path, &self.native, wanted.span, sources)
                    .await?,
                from.description(),
            ),
        };
        let bytes = self.file_of(&state, path, &place).await?;
        Ok(String::from_utf8(bytes.to_vec()).map_err(|_| "it is not UTF-8".into()))
    }

    async fn file_of(
        &self,
        state: &State,
        path: &str,
        place: &str,
    ) -> Result<bytes::Bytes, Failure> {
        let missing = || Failure::new(format!("there is no {path} in {place}"));
        let options = marshalling(self.client, &self.native);
        let definition = state.marshal(&options);
        let solved = self
            .client
            .solve(SolveRequest::definition(&definition))
            .await?;
        let files = solved.single_reference().ok_or_else(missing)?;
        match files.read_file_up_to(path, MAX_BYTES as u64).await {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.is_not_found() => Err(missing()),
            Err(Error::IsDirectory { .. }) => {
                Err(Failure::new(format!("{path} in {place} is a directory")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the content of an external source.
    pub(super) async fn outside(
        &self,
        from: &External,
        path: &str,
        platform: &Platform,
        span: Span,
        sources: &Sources,
    ) -> Result<State, Failure> {
        let needs = Needs::of_file(from, path, platform, span);
        let source_maps = SourceMaps::new(sources, self.file.source_map().clone());
        let resolver = self.resolver(sources, &source_maps);
        let lowering = Lowering {
            externals: Externals {
                images: resolver.images(&needs).await?,
                layouts: resolver.layouts(&needs).await?,
                contexts: resolver.contexts(&needs).await?,
                ..Externals::default()
            },
            daemon: Daemon {
                support: self.client.capabilities().llb.clone(),
                native: self.native.clone(),
                ..Daemon::default()
            },
            lock: self.locked.lock(),
            ..Lowering::new(sources, source_maps.clone())
        };
        let mut found = Diagnostics::default();
        lowering.check_external(from, span, &mut found);
        if let Some(error) = found.errors().first() {
            return Err(Failure::new(error.message.clone()));
        }
        let resolved = lowering.external(from, platform, span);
        let resolved = resolved.ok_or_else(|| Failure::new("the daemon can't give it"))?;
        Ok(resolved.into_owned().state)
    }
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::Failure;

    use crate::session::tests::harness::{IMAGE, ask, daemon, graph, lines, names};

    const FILE: &str = "imports:\n  lib: lib.yaml\n  far: { path: /far.yaml, from: { image: busybox:1.35 } }\nstages:\n  app:\n    from: busybox:1.35\n    steps:\n      - use: lib.build\n      - use: far.test\n";
    const LIB: &str = "templates:\n  build:\n    steps: [{ run: make lib }]\n";
    const FAR: &str = "templates:\n  test:\n    steps: [{ run: make far }]\n";

    #[tokio::test]
    async fn files_come_from_the_context_and_from_elsewhere() {
        let daemon = daemon(FILE)
            .local("context", [("lib.yaml", LIB)])
            .source(IMAGE, [("far.yaml", FAR)]);
        ask(&daemon, &[]).await.unwrap();
        let names = names(&graph(&daemon));
        for script in ["make lib", "make far"] {
            assert!(names.iter().any(|name| name.contains(script)), "{names:?}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_reported_at_its_import() {
        for (lib, far, reason, line) in [
            (
                None,
                Some(FAR.as_bytes()),
                "there is no lib.yaml in the build context",
                2,
            ),
            (
                Some(LIB.as_bytes()),
                None,
                "there is no far.yaml in busybox:1.35",
                3,
            ),
            (
                Some(&[0xff, 0xfe][..]),
                Some(FAR.as_bytes()),
                "it is not UTF-8",
                2,
            ),
        ] {
            let lib = lib.map(|text| ("lib.yaml", text.to_vec()));
            let far = far.map(|text| ("far.yaml", text.to_vec()));
            let daemon = daemon(FILE).local("context", lib).source(IMAGE, far);
            let failure = ask(&daemon, &[]).await.unwrap_err();
            assert!(failure.message().contains(reason), "{failure}");
            assert_eq!(lines(&failure), [line], "{failure}");
        }
    }

    #[tokio::test]
    async fn what_the_daemon_says_of_a_source_is_told_whole() {
        let file = FILE.replace(
            "{ image: busybox:1.35 }",
            "{ git: 'https://example.com/x.git' }",
        );
        let daemon = daemon(&file)
            .local("context", [("lib.yaml", LIB)])
            .failing_source(
                "git://example.com/x.git",
                Failure::new("git stderr:\nfatal: couldn't connect\n"),
            );
        let failure = ask(&daemon, &[]).await.unwrap_err();
        let text = failure.message();
        assert!(
            text.contains("git stderr: fatal: couldn't connect"),
            "{text}"
        );
        assert!(!text.contains("help"), "{text}");
    }

    #[tokio::test]
    async fn a_directory_is_no_file() {
        let daemon = daemon(FILE)
            .local("context", [("lib.yaml/x", "")])
            .source(IMAGE, [("far.yaml", FAR)]);
        let failure = ask(&daemon, &[]).await.unwrap_err();
        let reason = "lib.yaml in the build context is a directory";
        assert!(failure.message().contains(reason), "{failure}");
    }

    #[tokio::test]
    async fn a_daemon_that_cannot_give_the_source_is_named() {
        let file = FILE.replace(
            "{ image: busybox:1.35 }",
            "{ git: 'https://example.com/x.git', checksum: c0ffee1 }",
        );
        let daemon = daemon(&file)
            .local("context", [("lib.yaml", LIB)])
            .without(["source.git.checksum"]);
        let failure = ask(&daemon, &[]).await.unwrap_err();
        assert!(failure.message().contains("BuildKit 0."), "{failure}");
        assert_eq!(lines(&failure), [3], "{failure}");
    }
}
