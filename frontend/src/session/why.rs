//! Why steps would run again: compares the graph of this build with that of another version, which the client provides as a
//! named context, and the files that both use from their build contexts. Neither is built.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use buildkit_gateway::context::{Contexts, Entrypoint};
use buildkit_gateway::{BuildResult, Client, Environment, Failure, SolveRequest};
use buildkit_llb::{Definition, Platform, ReadError};
use serde_json::Value;
use stagefile_lower::compare_files;
use stagefile_runner::compare::LISTING;

use super::lock::{self, Locked};
use super::request::{graph_of, result};
use super::{Build, Extras, dockerfile, entrypoint, epoch, marshalling, nonce, now, projects};
use super::{runner, source};
use crate::dockerfile::{LANGUAGE, is_dockerfile};
use crate::tools::diff::compare;
use crate::tools::graph::{CONTEXT, Model, text};
use crate::tools::verbs::Verb;

/// The named context with the other version.
const BEFORE: &str = "before";
/// The maximum size of the list of files, in bytes.
const MAX_JSON: u64 = 64 << 20;

/// Reports whether this is the subrequest.
pub(super) fn is_asked(request: Option<&str>) -> bool {
    let verb = request.and_then(|request| Verb::of_request(request, false));
    matches!(verb, Some((Verb::Diff, _)))
}

/// Compares this build with that of the other version.
pub(super) async fn answer(
    client: &Client,
    environment: &Environment,
    contexts: &Contexts,
    file: Entrypoint,
    mode: lock::Mode,
    extras: Extras<'_>,
) -> Result<BuildResult, Failure> {
    let native = environment.build_platform(client.capabilities());
    let platform = contexts.options().platforms.first().unwrap_or(&native);
    let both = contexts.compared(BEFORE, platform).await?;
    let Some([before, after]) = both else {
        return Err(Failure::new(format!(
            "compare with what? Give the other version as a context of the name `{BEFORE}`: a directory, \
             `--build-context {BEFORE}=../old`, or a repository, `--build-context {BEFORE}=https://example.com/app.git#v1`"
        )));
    };
    let comparing = Comparing {
        client,
        native: &native,
        mode,
        extras,
        nonce: nonce::nonce(),
        now: now(),
    };
    let after = comparing.side_of(after, file).await?;
    let before = comparing.earlier(before, contexts);
    let before = Box::pin(before).await;
    let before = before.map_err(|failure| failure.context("the version before"))?;
    comparing.answer(before, after).await
}

/// What both versions share.
struct Comparing<'a> {
    client: &'a Client,
    native: &'a Platform,
    mode: lock::Mode,
    extras: Extras<'a>,
    nonce: String,
    now: Duration,
}

/// One of the two versions.
struct Side {
    contexts: Contexts,
    file: Entrypoint,
    model: Model,
}

impl Comparing<'_> {
    /// Finds the file in the other version. For a directory, clients send only the file's name.
    async fn earlier(&self, contexts: Contexts, given: &Contexts) -> Result<Side, Failure> {
        let options = given.options();
        let Some(name) = &options.files.filename else {
            return self.side(contexts).await;
        };
        let base = name.rsplit('/').next().unwrap_or(name);
        let mut problem = None;
        for path in projects::candidates(options, name, base) {
            let contexts = contexts.clone().with_file(&path);
            match entrypoint(&contexts, contexts.options()).await {
                Ok(file) => return self.side_of(contexts, file).await,
                Err(failure) => _ = problem.get_or_insert(failure),
            }
        }
        Err(problem.unwrap_or_else(|| Failure::new(format!("there is no {name}"))))
    }

    async fn side(&self, contexts: Contexts) -> Result<Side, Failure> {
        let file = entrypoint(&contexts, contexts.options()).await?;
        self.side_of(contexts, file).await
    }

    async fn side_of(&self, contexts: Contexts, file: Entrypoint) -> Result<Side, Failure> {
        let (client, options) = (self.client, contexts.options());
        let is_made = projects::is_manifest(&file);
        let mode = if is_made && lock::is_foreign(&file) {
            lock::Mode::Off
        } else {
            self.mode
        };
        let locked = Locked::read(&file, mode)?;
        let file = if is_made {
            projects::make(client, options, &contexts, file).await?.file
        } else {
            file
        };
        let definition = if is_dockerfile(file.filename(), file.text()) {
            let file = file.clone().in_language(LANGUAGE);
            let graph = dockerfile::graph(client, self.native, &contexts, &file, &locked);
            Box::pin(graph).await?
        } else {
            Box::pin(self.graph(&contexts, &file, &locked)).await?
        };
        let unreadable = |error: ReadError| Failure::new(error.to_string());
        let model = Model::from_definition(&definition).map_err(unreadable)?;
        Ok(Side {
            contexts,
            file,
            model,
        })
    }

    async fn graph(
        &self,
        contexts: &Contexts,
        file: &Entrypoint,
        locked: &Locked,
    ) -> Result<Definition, Failure> {
        let (options, source) = (contexts.options(), source(file)?);
        let build = Build {
            client: self.client,
            options,
            contexts,
            file,
            source: &source,
            native: self.native.clone(),
            epoch: epoch(options, contexts).await?,
            files: RefCell::default(),
            known: RefCell::default(),
            locked,
            warned: RefCell::default(),
            now: self.now,
            nonce: self.nonce.clone(),
            extras: self.extras,
        };
        Ok(graph_of(&build).await?.0)
    }

    async fn answer(&self, mut before: Side, mut after: Side) -> Result<BuildResult, Failure> {
        let found = self.files(&before, &after).await?;
        for (side, number) in [(&mut before, 0), (&mut after, 1)] {
            let files = found["files"].as_object().into_iter().flatten();
            let files = files.map(|(name, said)| (name.as_str(), text(&said[number])));
            side.model
                .note_files(CONTEXT, &files.collect::<BTreeMap<_, _>>());
        }
        let difference = compare(&before.model, &after.model);
        let mut text = difference.text();
        if let Some(more @ 1..) = found["more"].as_u64() {
            _ = writeln!(text, "\nmore files of the build context differ: {more}");
        }
        Ok(result(&difference.json(), &text))
    }

    /// Returns the files that differ between the build contexts, among those that are used.
    async fn files(&self, before: &Side, after: &Side) -> Result<Value, Failure> {
        let mut states = Vec::new();
        let mut exact = true;
        for side in [before, after] {
            let used = side.model.used_paths(CONTEXT);
            if used.is_empty() {
                // Files that only one of them uses differ anyway.
                return Ok(Value::Null);
            }
            let files = side.contexts.own_main(&side.file).await?;
            exact &= files.is_local();
            states.push(files.with_paths(used));
        }
        let [old, new] = [&states[0], &states[1]];
        let support = &self.client.capabilities().llb;
        let state = compare_files([old, new], exact, &runner::native()?, self.native, support);
        let definition = state.marshal(&marshalling(self.client, self.native));
        let request = SolveRequest::definition(&definition).evaluate();
        let solved = self.client.solve(request).await?;
        let unreadable = || Failure::new("the list of files that differ can't be read");
        let listing = solved.single_reference().ok_or_else(unreadable)?;
        let listing = listing.read_file_up_to(LISTING, MAX_JSON).await?;
        serde_json::from_slice(&listing).map_err(|_| unreadable())
    }
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::testkit::Daemon;
    use buildkit_proto::gateway as wire;
    use serde_json::json;

    use crate::session::tests::harness::{ask, daemon, daemon_of, graph, names};

    const STAGEFILE: &str = "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: fetch
        bind: mod
      - run: make
        bind: src
      - run: test
";
    const DOCKERFILE: &str = "FROM busybox:1.35\nCOPY mod /\nRUN fetch\nCOPY src /src\nRUN make\n";
    const BEFORE: (&str, &str) = ("context:before", "local:before");

    async fn asked(daemon: &Daemon, options: &[(&str, &str)]) -> wire::Result {
        let mut all = vec![("requestid", "frontend.why"), BEFORE];
        all.retain(|(name, _)| options.iter().all(|(other, _)| name != other));
        all.extend(options);
        let answer = ask(daemon, &all).await;
        answer.unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn text(result: &wire::Result) -> String {
        String::from_utf8(result.metadata["result.txt"].to_vec()).unwrap()
    }

    /// Returns a daemon on which these files of the contexts differ.
    fn with_files(daemon: Daemon, files: &serde_json::Value) -> Daemon {
        let listing = json!({ "files": files, "more": 0 }).to_string();
        let step = "[internal] compare the build contexts";
        let files = [("mod", ""), ("src/a", "")];
        daemon
            .local("context", files)
            .result_of(step, [("files.json", listing)])
    }

    #[tokio::test]
    async fn a_file_that_differs_is_named_at_the_step_that_uses_it() {
        let files = json!({ "src/a": ["1 (100644)", "2 (100644)"], "src/b": ["3 (100644)", "3 (100600)"], "src/new": ["", "3 (100644)"], "other": ["", "x"] });
        for (name, file, expected) in [
            (
                "Stagefile",
                STAGEFILE,
                "1 step differs; again because of that: 1; the same: 3\n\n~ [app 2/3] run make  Stagefile:8\n    file src/a: changed\n    file src/b: mode 100644 → 100600\n    file src/new: added\n  └ [app 3/3] run test\n",
            ),
            (
                "Dockerfile",
                DOCKERFILE,
                "1 step differs; again because of that: 1; the same: 4\n\n~ [4/5] COPY src /src  Dockerfile:4\n    file src/a: changed\n    file src/b: mode 100644 → 100600\n    file src/new: added\n  └ [5/5] RUN make\n",
            ),
        ] {
            let before = [(name, file), ("mod", ""), ("src/a", "old")];
            let daemon = with_files(daemon_of(name, file), &files).local("before", before);
            let answer = asked(&daemon, &[]).await;
            assert_eq!(text(&answer), expected);
            let json: serde_json::Value =
                serde_json::from_slice(&answer.metadata["result.json"]).unwrap();
            let change = &json["steps"][0]["changes"][0];
            assert_eq!(change["what"], "file src/a");
            assert_eq!(change["after"], "2 (100644)");
            // Both are read like in a build.
            let graph = graph(&daemon);
            let json = graph.to_json();
            for part in [
                "local://before",
                "local://context",
                "compare-files",
                "\"modes\"",
            ] {
                assert!(json.contains(part), "{part}: {json}");
            }
            assert!(json.contains("[\\\"mod\\\",\\\"src\\\"]"), "{json}");
        }
    }

    #[tokio::test]
    async fn a_step_that_differs_is_named_whatever_is_used_of_the_context() {
        let nothing = json!({});
        let other = STAGEFILE
            .replace("run: make", "run: make -x")
            .replace("bind: src", "bind: [src, more]");
        let before = [("Stagefile", STAGEFILE), ("mod", ""), ("src/a", "")];
        let daemon = || {
            let daemon = with_files(daemon(&other), &nothing).local("before", before);
            daemon.local("context", [("mod", ""), ("src/a", ""), ("more", "")])
        };
        let told = text(&asked(&daemon(), &[]).await);
        assert!(
            told.starts_with(
                "1 step differs; again because of that: 1; the same: 3\n\n~ [app 2/3] run make -x"
            ),
            "{told}"
        );
        assert_eq!(
            text(&asked(&daemon(), &[("requestid", "frontend.diff")]).await),
            told
        );
    }

    /// If nothing is used from the contexts, they aren't even sent.
    #[tokio::test]
    async fn an_earlier_version_may_be_in_a_repository() {
        let file = |words: &str| {
            format!("stages: {{ app: {{ from: busybox:1.35, steps: [{{ run: {words} }}] }} }}\n")
        };
        let source = "git://example.com/app.git#v1";
        let daemon = daemon(&file("new")).source(source, [("sub/Stagefile", file("old"))]);
        let options = [
            ("context:before", "https://example.com/app.git#v1"),
            ("filename", "Stagefile"),
            ("vcs:localdir:context", "."),
            ("vcs:localdir:dockerfile", "sub"),
        ];
        let told = text(&asked(&daemon, &options).await);
        assert!(
            told.contains("argument 4: `old` → `new`") || told.contains("`old` → `new`"),
            "{told}"
        );
        assert!(
            !names(&graph(&daemon))
                .iter()
                .any(|name| name.contains("compare"))
        );
        assert_eq!(
            told.lines().next(),
            Some("1 step differs; again because of that: 0; the same: 1")
        );
    }

    /// Another frontend may know this subrequest, too.
    #[tokio::test]
    async fn a_question_about_a_file_for_another_frontend_is_handed_on() {
        let file = "# syntax=example/other\nFROM busybox:1.35\n";
        let daemon = daemon_of("Dockerfile", file);
        ask(&daemon, &[("requestid", "frontend.why"), BEFORE])
            .await
            .unwrap();
        assert_eq!(daemon.solves().pop().unwrap().frontend, "gateway.v0");
    }

    #[tokio::test]
    async fn who_gives_nothing_to_compare_with_learns_how() {
        for (name, file) in [("Stagefile", STAGEFILE), ("Dockerfile", DOCKERFILE)] {
            let failure = ask(&daemon_of(name, file), &[("requestid", "frontend.why")])
                .await
                .unwrap_err();
            for words in [
                "`--build-context before=../old`",
                "before=https://example.com/app.git#v1`",
            ] {
                assert!(failure.message().contains(words), "{failure}");
            }
            let wrong = [("requestid", "frontend.why"), BEFORE];
            let failure = ask(&daemon_of(name, file).local("before", [("x", "")]), &wrong)
                .await
                .unwrap_err();
            assert!(
                failure
                    .message()
                    .starts_with("the version before: failed to read "),
                "{failure}"
            );
        }
    }
}
