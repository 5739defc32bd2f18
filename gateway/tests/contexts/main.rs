//! Tests of where the frontend's file and the contexts come from, and of the sources that are created for them.

mod compared;
mod named;
mod nested;

use std::collections::BTreeMap;

use buildkit_gateway::context::{ContextError, Contexts, Forward};
use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Failure, Options, Warning};
use buildkit_llb::{Definition, MarshalOptions, State};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{self, Op, SourceOp, op};
use prost::Message;

async fn contexts(daemon: &Daemon, options: &[(&str, &str)]) -> Result<Contexts, ContextError> {
    let client = daemon.connect().await.expect("a connection");
    let options = Options::parse(options.iter().copied()).expect("options");
    Contexts::find(&client, &options, "session").await
}

/// Returns the operations of a graph, with their names.
fn operations(definition: &ops::Definition) -> Vec<(op::Op, String)> {
    let decode = |bytes| Op::decode(bytes).expect("an operation").op;
    let graph = Definition::try_from(definition.clone()).expect("a definition");
    let operations = definition.def.iter().cloned().filter_map(decode);
    let named = operations
        .zip(graph.operations())
        .map(|(operation, bytes)| {
            let metadata = graph.metadata().get(&buildkit_llb::Digest::of(bytes));
            let name = metadata
                .and_then(|metadata| metadata.name())
                .unwrap_or_default()
                .to_owned();
            (operation, name)
        });
    named.collect()
}

/// Returns the only source of a graph: URL, attributes, name.
fn source(definition: &ops::Definition) -> (String, BTreeMap<String, String>, String) {
    match operations(definition).remove(0) {
        (op::Op::Source(SourceOp { identifier, attrs }), name) => (identifier, attrs, name),
        (other, _) => panic!("no source: {other:?}"),
    }
}

fn marshal(state: &State) -> ops::Definition {
    state.marshal(&MarshalOptions::new()).into()
}

fn attributes(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn the_file_comes_from_a_directory_of_its_own() {
    let daemon = Daemon::new().local("dockerfile", [("x/Stagefile", "stages: {}")]);
    let contexts = contexts(&daemon, &[("filename", "x/Stagefile")])
        .await
        .unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    assert_eq!(
        (file.filename(), &file.text()[..]),
        ("x/Stagefile", &b"stages: {}"[..])
    );
    assert_eq!(file.ignore_file(), None);
    assert_eq!(file.source_map().file().language, "YAML");

    let solved = daemon.solves().remove(0).definition.unwrap();
    let (identifier, attrs, name) = source(&solved);
    assert_eq!(identifier, "local://dockerfile");
    assert_eq!(name, "[internal] load build definition from x/Stagefile");
    let expected = [
        ("local.session", "session"),
        (
            "local.followpaths",
            r#"["x/Stagefile","x/Stagefile.dockerignore"]"#,
        ),
        ("local.sharedkeyhint", "dockerfile"),
        ("local.differ", "none"),
    ];
    assert_eq!(attrs, attributes(&expected));

    contexts.warn(&file, Warning::new("w")).await.unwrap();
    let vertex = file.vertex().unwrap().to_string();
    assert_eq!(daemon.warnings()[0].digest, vertex);
    assert!(solved.metadata.contains_key(&vertex));
}

#[tokio::test]
async fn the_file_may_be_named_by_the_frontend_or_in_lower_case() {
    let daemon = Daemon::new().local("dockerfile", [("Stagefile", "s"), ("dockerfile", "d")]);
    let by_default = contexts(&daemon, &[]).await.unwrap();
    assert_eq!(
        by_default
            .entrypoint("Stagefile", "YAML")
            .await
            .unwrap()
            .text(),
        "s"
    );
    let by_name = contexts(&daemon, &[("filename", "Dockerfile")])
        .await
        .unwrap();
    assert_eq!(
        by_name
            .entrypoint("Stagefile", "YAML")
            .await
            .unwrap()
            .text(),
        "d"
    );

    let missing = contexts(&daemon, &[("filename", "Nothing")]).await.unwrap();
    let error = missing.entrypoint("Stagefile", "YAML").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        Failure::from(error).message(),
        "failed to read Nothing: open Nothing: no such file or directory"
    );
}

#[tokio::test]
async fn options_choose_directory_and_session() {
    let daemon = Daemon::new().local("elsewhere", [("S", "s")]);
    let options = [
        ("filename", "S"),
        ("dockerfilekey", "elsewhere"),
        ("local-sessionid:elsewhere", "other"),
    ];
    let contexts = contexts(&daemon, &options).await.unwrap();
    contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let (identifier, attrs, _) = source(daemon.solves()[0].definition.as_ref().unwrap());
    assert_eq!(
        (identifier.as_str(), attrs["local.session"].as_str()),
        ("local://elsewhere", "other")
    );
    assert_eq!(attrs["local.sharedkeyhint"], "elsewhere");
}

#[tokio::test]
async fn only_what_is_used_is_transferred() {
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "")])
        .local("context", [(".dockerignore", "*.log\n!keep.log\n")]);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let main = contexts.main(&file).await.unwrap();
    assert!(main.is_local());
    let ignore_file = main.ignore_file().unwrap();
    assert_eq!(ignore_file.name, ".dockerignore");
    assert!(ignore_file.patterns().eq(["*.log", "!keep.log"]));

    let (identifier, attrs, name) = source(daemon.solves()[1].definition.as_ref().unwrap());
    assert_eq!(
        (identifier.as_str(), name.as_str()),
        ("local://context", "[internal] load .dockerignore")
    );
    let expected = [
        ("local.session", "session"),
        ("local.followpaths", r#"[".dockerignore"]"#),
        ("local.sharedkeyhint", "context-.dockerignore"),
        ("local.differ", "none"),
    ];
    assert_eq!(attrs, attributes(&expected));

    let (identifier, attrs, name) =
        source(&marshal(&main.with_paths(["/src/", "./go.mod", "src"])));
    assert_eq!(
        (identifier.as_str(), name.as_str()),
        ("local://context", "[internal] load build context")
    );
    let common = [
        ("local.session", "session"),
        ("local.excludepatterns", r#"["*.log","!keep.log"]"#),
        ("local.sharedkeyhint", "context"),
    ];
    let mut expected = attributes(&common);
    assert_eq!(source(&marshal(&main.all())).1, expected);
    assert_eq!(source(&marshal(&main.with_paths(["a", "."]))).1, expected);
    assert!(main.with_paths([""; 0]).is_scratch());
    expected.extend(attributes(&[("local.followpaths", r#"["go.mod","src"]"#)]));
    assert_eq!(attrs, expected);
}

#[tokio::test]
async fn the_names_of_files_come_with_the_ignore_file() {
    let files = [(".dockerignore", "*.log\n"), ("src/main.c", "")];
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "")])
        .local("context", files);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let (paths, without) = (["src".to_owned()], ["src/*".to_owned()]);
    let (main, stats) = contexts
        .main_and_list(&file, &paths, &without)
        .await
        .unwrap();
    assert!(main.ignore_file().unwrap().patterns().eq(["*.log"]));
    let stats = stats.unwrap();
    let names: Vec<&str> = stats.iter().map(|stat| stat.path.as_str()).collect();
    assert_eq!(names, [".dockerignore", "src", "src/main.c"]);
    assert_eq!(daemon.solves().len(), 2);
    let (identifier, attrs, name) = source(daemon.solves()[1].definition.as_ref().unwrap());
    let expected_name = "[internal] load .dockerignore and the names of files";
    assert_eq!(
        (identifier.as_str(), name.as_str()),
        ("local://context", expected_name)
    );
    let expected = [
        ("local.session", "session"),
        ("local.followpaths", r#"["src",".dockerignore"]"#),
        ("local.excludepatterns", r#"["src/*"]"#),
        ("local.sharedkeyhint", "context-.dockerignore"),
        ("local.differ", "none"),
        ("local.metadatatransfer", "true"),
        ("local.metadatatransferexclude", r#"[".dockerignore"]"#),
    ];
    assert_eq!(attrs, attributes(&expected));
    // It is known now, so only the names are requested.
    contexts
        .main_and_list(&file, &paths, &without)
        .await
        .unwrap();
    assert_eq!(daemon.solves().len(), 3);
    let (_, attrs, _) = source(daemon.solves()[2].definition.as_ref().unwrap());
    assert_eq!(attrs["local.excludepatterns"], r#"["*.log","src/*"]"#);
}

#[tokio::test]
async fn names_are_asked_for_alone_where_the_file_has_an_ignore_file_of_its_own() {
    let own = [("Stagefile", ""), ("Stagefile.dockerignore", "*.log\n")];
    let daemon = Daemon::new()
        .local("dockerfile", own)
        .local("context", [(".dockerignore", "src\n"), ("src/main.c", "")]);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let paths = ["src".to_owned()];
    let (main, stats) = contexts.main_and_list(&file, &paths, &[]).await.unwrap();
    assert!(main.ignore_file().unwrap().patterns().eq(["*.log"]));
    assert!(stats.is_some());
    let solves = daemon.solves();
    assert_eq!(solves.len(), 2);
    let (_, attrs, name) = source(solves[1].definition.as_ref().unwrap());
    assert_eq!(name, "[internal] look at the build context");
    assert_eq!(attrs["local.excludepatterns"], r#"["*.log"]"#);
    // An empty list of paths would mean everything.
    assert_eq!(contexts.list(&main, &[], &[]).await.unwrap(), None);
    assert_eq!(daemon.solves().len(), 2);
}

/// A daemon fails on a request that is too large, and reports nothing but its size.
#[tokio::test]
async fn more_names_than_a_request_holds_are_not_asked_for() {
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "")])
        .local("context", [(".dockerignore", "*.log\n")]);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let paths: Vec<String> = (0..30_000).map(|number| format!("file{number}")).collect();
    let (main, stats) = contexts.main_and_list(&file, &paths, &[]).await.unwrap();
    assert_eq!(stats, None);
    assert!(main.ignore_file().unwrap().patterns().eq(["*.log"]));
    let (_, attrs, _) = source(daemon.solves()[1].definition.as_ref().unwrap());
    assert_eq!(attrs["local.followpaths"], r#"[".dockerignore"]"#);
}

#[tokio::test]
async fn a_context_that_is_missing_is_an_error_for_its_list_too() {
    let failure = Failure::new("no local source context");
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "")])
        .failing_source("local://context", failure);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let error = contexts
        .main_and_list(&file, &["src".to_owned()], &[])
        .await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "failed to read .dockerignore: no local source context"
    );
}

#[tokio::test]
async fn the_ignore_file_of_the_file_takes_the_place_of_the_common_one() {
    let daemon = Daemon::new()
        .local(
            "dockerfile",
            [("Stagefile", ""), ("Stagefile.dockerignore", "")],
        )
        .local("context", [(".dockerignore", "*.log")]);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    assert!(file.ignore_file().unwrap().lines.is_empty());
    let main = contexts.main(&file).await.unwrap();
    assert!(main.ignore_file().unwrap().lines.is_empty());
    assert_eq!(daemon.solves().len(), 1);
}

#[tokio::test]
async fn a_context_that_is_missing_is_an_error() {
    let failure = Failure::new("no local source context");
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "")])
        .failing_source("local://context", failure);
    let contexts = contexts(&daemon, &[]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let error = contexts.main(&file).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to read .dockerignore: no local source context"
    );
}

#[tokio::test]
async fn a_repository_has_file_and_context() {
    let url = "https://example.com/x.git#main";
    let git = "git://example.com/x.git#main";
    let commit = "tree 1\ncommitter A <a@b> 1700000000 +0100\n\ncommitter no\n";
    let daemon = Daemon::new().source(git, [("Stagefile", "s")]).metadata(
        git,
        wire::ResolveSourceMetaResponse {
            git: Some(wire::ResolveSourceGitResponse {
                commit_object: commit.into(),
                ..wire::ResolveSourceGitResponse::default()
            }),
            ..wire::ResolveSourceMetaResponse::default()
        },
    );
    let options = [
        ("context", url),
        ("build-arg:SOURCE_DATE_EPOCH", "context"),
        ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1"),
    ];
    let contexts = contexts(&daemon, &options).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let main = contexts.main(&file).await.unwrap();
    assert!(!main.is_local());
    let (identifier, attrs, name) = source(&marshal(&main.with_paths(["a"])));
    assert_eq!(
        (identifier.as_str(), name),
        (git, format!("[internal] load git source {url}"))
    );
    assert_eq!(
        (
            attrs["git.mtime"].as_str(),
            attrs["git.keepgitdir"].as_str()
        ),
        ("commit", "true")
    );
    assert_eq!(contexts.epoch().await.unwrap(), Some(1_700_000_000));
}

/// No version of BuildKit reports the time of a commit for a part of a checkout.
#[tokio::test]
async fn a_part_of_a_repository_with_the_times_of_the_commit_is_copied() {
    let url = "https://example.com/x.git#main:sub";
    for (epoch, copies) in [("context", true), ("", false)] {
        let options = [("context", url), ("build-arg:SOURCE_DATE_EPOCH", epoch)];
        let daemon = Daemon::new();
        let contexts = contexts(&daemon, &options).await.unwrap();
        // The file isn't found, since this daemon copies nothing.
        contexts.entrypoint("Stagefile", "YAML").await.unwrap_err();
        let solves = daemon.solves();
        let graph = operations(solves[0].definition.as_ref().unwrap());
        let (op::Op::Source(source), _) = &graph[0] else {
            panic!("{graph:?}")
        };
        let whole = "git://example.com/x.git#main";
        let expected = if copies {
            whole
        } else {
            &format!("{whole}:sub")
        };
        assert_eq!(source.identifier, expected);
        assert_eq!(source.attrs.contains_key("git.mtime"), copies);
        let is_copy = |(operation, _): &(op::Op, _)| matches!(operation, op::Op::File(_));
        assert_eq!(graph.iter().any(is_copy), copies);
    }
}

#[tokio::test]
async fn a_daemon_that_knows_no_times_of_commits_is_not_asked_for_them() {
    let git = "git://example.com/x.git";
    let daemon = Daemon::new().source(git, [("Stagefile", "s")]);
    let daemon = daemon.without(["source.git.mtime", "source.metaresolver"]);
    let options = [
        ("context", "https://example.com/x.git"),
        ("build-arg:SOURCE_DATE_EPOCH", "context"),
    ];
    let contexts = contexts(&daemon, &options).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let main = contexts.main(&file).await.unwrap();
    let (_, attrs, _) = source(&marshal(&main.all()));
    assert!(!attrs.contains_key("git.mtime"), "{attrs:?}");
    assert_eq!(contexts.epoch().await.unwrap(), None);
    assert!(contexts.no_epoch_reason().starts_with("the daemon"));
}

#[tokio::test]
async fn a_folder_of_a_remote_context_takes_its_place() {
    let git = "git://example.com/x.git";
    let daemon = Daemon::new().source(git, [("Stagefile", "s")]);
    let options = [
        ("context", "https://example.com/x.git"),
        ("contextsubdir", "sub"),
    ];
    let contexts = contexts(&daemon, &options).await.unwrap();
    // The file is still looked up in the whole context.
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let main = contexts.main(&file).await.unwrap();
    let operations = operations(&marshal(&main.all()));
    let (op::Op::File(copy), _) = &operations[1] else {
        panic!("{operations:?}")
    };
    let Some(ops::file_action::Action::Copy(copy)) = &copy.actions[0].action else {
        panic!("{copy:?}")
    };
    assert_eq!((copy.src.as_str(), copy.dest.as_str()), ("/sub", "/"));
    assert!(copy.dir_copy_contents);
}

#[tokio::test]
async fn an_archive_is_the_context_and_another_file_is_the_file() {
    let url = "https://example.com/x";
    let daemon = Daemon::new().source(url, [("context", &b"\x1f\x8b\x08..."[..])]);
    let archive = contexts(&daemon, &[("context", url)]).await.unwrap();
    let (identifier, attrs, name) = source(daemon.solves()[0].definition.as_ref().unwrap());
    assert_eq!(
        (identifier.as_str(), name.as_str()),
        (url, "[internal] load remote build context")
    );
    assert_eq!(attrs["http.filename"], "context");
    // The daemon in memory doesn't unpack, so the file isn't there.
    assert!(
        archive
            .entrypoint("Stagefile", "YAML")
            .await
            .unwrap_err()
            .is_not_found()
    );
    let operations = operations(daemon.solves()[1].definition.as_ref().unwrap());
    let (op::Op::File(copy), _) = &operations[1] else {
        panic!("{operations:?}")
    };
    let Some(ops::file_action::Action::Copy(copy)) = &copy.actions[0].action else {
        panic!("{copy:?}")
    };
    assert_eq!((copy.src.as_str(), copy.dest.as_str()), ("/context", "/"));
    assert!(copy.attempt_unpack_docker_compatibility);

    let daemon = Daemon::new().source(url, [("context", "stages: {}")]);
    let single = contexts(&daemon, &[("context", url), ("filename", "X")])
        .await
        .unwrap();
    let file = single.entrypoint("Stagefile", "YAML").await.unwrap();
    assert_eq!(
        (file.filename(), &file.text()[..]),
        ("context", &b"stages: {}"[..])
    );
    // If the file has its own directory, the other one is just the context.
    let daemon = daemon.local("dockerfile", [("X", "own")]);
    let options = [
        ("context", url),
        ("filename", "X"),
        ("dockerfilekey", "dockerfile"),
    ];
    let both = contexts(&daemon, &options).await.unwrap();
    let file = both.entrypoint("Stagefile", "YAML").await.unwrap();
    assert_eq!((file.filename(), &file.text()[..]), ("X", &b"own"[..]));
}

#[tokio::test]
async fn inputs_take_the_place_of_directories() {
    let files = |name: &str| marshal(&State::local(name));
    let daemon = Daemon::new()
        .input("context", files("a"))
        .input("dockerfile", files("b"))
        .local("b", [("Stagefile", "from b")])
        .local("dockerfile", [("Stagefile", "from its own")]);
    let inputs = contexts(&daemon, &[]).await.unwrap();
    let file = inputs.entrypoint("Stagefile", "YAML").await.unwrap();
    assert_eq!(file.text(), "from b");
    let main = inputs.main(&file).await.unwrap();
    assert!(!main.is_local());
    assert_eq!(source(&marshal(&main.with_paths(["x"]))).0, "local://a");

    let own = contexts(&daemon, &[("dockerfilekey", "dockerfile")])
        .await
        .unwrap();
    assert_eq!(
        own.entrypoint("Stagefile", "YAML").await.unwrap().text(),
        "from its own"
    );
}

#[tokio::test]
async fn inputs_that_are_no_graphs_are_errors() {
    let broken = ops::Definition {
        def: vec!["x".into()],
        ..ops::Definition::default()
    };
    let daemon = Daemon::new().input("context", broken);
    let error = contexts(&daemon, &[]).await.unwrap_err();
    assert!(
        error.to_string().starts_with("input `context`: "),
        "{error}"
    );
}

#[tokio::test]
async fn contradicting_urls_are_errors() {
    let daemon = Daemon::new();
    let options = [("context", "https://example.com/x.git?tag=a&branch=b")];
    let error = contexts(&daemon, &options).await.unwrap_err();
    assert!(matches!(error, ContextError::GitReference(_)), "{error:?}");
}

#[tokio::test]
async fn builds_are_forwarded_whole() {
    let daemon = Daemon::new()
        .local("dockerfile", [("Stagefile", "# syntax=a/b\n")])
        .input("base", marshal(&State::local("base")))
        .on_solve(|request| {
            let answer = match request.frontend.as_str() {
                "dockerfile.v0" => Ok(wire::Result::default()),
                "gateway.v0" => Err(Failure::new("no such image")),
                _ => return None,
            };
            Some(answer)
        });
    let contexts = contexts(&daemon, &[("build-arg:A", "1")]).await.unwrap();
    let file = contexts.entrypoint("Stagefile", "YAML").await.unwrap();
    let options = Options::parse([("x", "y")]).unwrap();
    let forward = Forward::find(&options, file.text()).unwrap();
    let failure = contexts.forward(&forward, &file).await.unwrap_err();
    let position = failure.positions().next().unwrap();
    assert_eq!(
        (
            position.file.filename.as_str(),
            position.ranges[0].start.line
        ),
        ("Stagefile", 1)
    );

    let _result = contexts
        .forward(&Forward::to_dockerfile(), &file)
        .await
        .unwrap();
    let solves = daemon.solves();
    let [_, gateway, dockerfile] = solves.as_slice() else {
        panic!("{solves:?}")
    };
    let expected = [("build-arg:A", "1"), ("cmdline", "a/b"), ("source", "a/b")];
    assert_eq!(gateway.frontend_opt, attributes(&expected));
    assert!(gateway.frontend_inputs.contains_key("base"));
    let expected = [("build-arg:A", "1"), ("cmdline", "dockerfile.v0")];
    assert_eq!(dockerfile.frontend_opt, attributes(&expected));
}
