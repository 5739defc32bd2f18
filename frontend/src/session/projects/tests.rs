//! Tests of manifests with the test kit's daemon: what is generated from them, and what is
//! reported.

use super::*;
use crate::session::tests::harness::{ask, config, daemon, graph, lines, names, warnings};

const MODULE: &str = "module example.com/api\n\ngo 1.22\n";
const MAIN: &str = "package main\n\nfunc main() {}\n";
const FILE: &str = "stages:\n  server:\n    use: std.app\n    with: { dir: api, BASE: busybox:1.35, RUNTIME: busybox:1.35, VERSION: 3 }\n    steps:\n      - write: /banner\n        content: hello\n    image: { expose: [7] }\n";

#[tokio::test]
async fn a_stage_is_the_one_that_a_manifest_gives() {
    let files = [
        ("api/go.mod", MODULE),
        ("api/main.go", MAIN),
        ("api/main_test.go", "package main\n"),
    ];
    let daemon = daemon(FILE).local("context", files);
    let result = ask(&daemon, &[]).await.unwrap();
    let names = names(&graph(&daemon));
    for wanted in ["go build", "go test", "/banner"] {
        assert!(names.iter().any(|name| name.contains(wanted)), "{names:?}");
    }
    let config = config(&result);
    let version = &config["config"]["Labels"]["org.opencontainers.image.version"];
    assert_eq!(
        (version, &config["config"]["User"]),
        (&"3".into(), &"65532".into())
    );
    assert!(
        config["config"]["ExposedPorts"]["7/tcp"].is_object(),
        "{config}"
    );
}

#[tokio::test]
async fn what_is_sent_with_a_manifest_is_warned_of_where_it_is_used() {
    let files = [("api/go.mod", MODULE), ("api/main.go", MAIN)];
    let bare = daemon(FILE).local("context", files);
    ask(&bare, &[]).await.unwrap();
    let said = warnings(&bare);
    assert!(
        said.iter()
            .any(|one| one.contains("all files are sent") && one.contains(".env")),
        "{said:?}"
    );
    let tidy = daemon(FILE).local("context", [files[0], files[1], (IGNORE_FILE, ".git")]);
    ask(&tidy, &[]).await.unwrap();
    assert!(!warnings(&tidy).iter().any(|one| one.contains("are sent")));
}

#[tokio::test]
async fn what_an_ignore_file_excludes_is_not_seen() {
    let files = [
        ("api/go.mod", MODULE),
        ("api/main.go", MAIN),
        ("api/package.json", "{}"),
    ];
    let with = |ignored| files.into_iter().chain([(IGNORE_FILE, ignored)]);
    // If there are two manifests, the other one is reported.
    let one = daemon(FILE).local("context", with("**/package.json"));
    ask(&one, &[]).await.unwrap();
    assert!(
        names(&graph(&one))
            .iter()
            .any(|name| name.contains("go build"))
    );
    for (ignored, expected) in [
        ("api\n", "no manifest in api: "),
        (
            "api\n",
            "; .dockerignore excludes api/go.mod, api/package.json",
        ),
        (
            "**/package.json\n**/*.go\n",
            ".dockerignore excludes api/main.go",
        ),
    ] {
        let none = daemon(FILE).local("context", with(ignored));
        let failure = ask(&none, &[]).await.unwrap_err().to_string();
        assert!(failure.contains(expected), "{failure}");
    }
}

#[tokio::test]
async fn what_a_manifest_leaves_open_is_said_where_it_is_used() {
    for (files, file, expected) in [
        (vec![], FILE, "there is no manifest in api"),
        (vec![("api/go.mod", MODULE)], FILE, "api/go.mod:1: "),
        (
            vec![("api/go.mod", MODULE), ("api/package.json", "{}")],
            FILE,
            "several manifests",
        ),
        (
            vec![("api/package.json", "{")],
            FILE,
            "error[invalid-manifest]: api/package.json:1: ",
        ),
        (
            vec![("api/go.mod", MODULE)],
            FILE,
            "error[undecided-project]: ",
        ),
        (
            vec![("api/go.mod", MODULE), ("api/main.go", MAIN)],
            &FILE.replace("VERSION", "NERVE"),
            "NERVE",
        ),
        (vec![], &FILE.replace("dir: api", "dir: [api]"), "`dir`"),
        (vec![], &FILE.replace("dir: api", "dir: ../api"), "../api"),
    ] {
        let daemon = daemon(file).local("context", files);
        let failure = ask(&daemon, &[]).await.unwrap_err();
        assert!(failure.message().contains(expected), "{failure}");
        assert!([3, 4].contains(&lines(&failure)[0]), "{failure}");
    }
}

#[test]
fn patterns_lead_to_what_they_match() {
    let wanted = Wanted::new("cmd/*/*.go");
    for (path, whole, way) in [
        ("cmd", false, true),
        ("cmd/a", false, true),
        ("cmd/a/b.go", true, false),
        ("cmd/a/b.c", false, false),
        ("cmd/a/b.go/c", false, false),
        ("lib", false, false),
    ] {
        assert_eq!(wanted.matches(path) == Some(Match::Whole), whole, "{path}");
        assert_eq!(wanted.matches(path) == Some(Match::Way), way, "{path}");
    }
}

#[test]
fn a_manifest_is_looked_for_where_the_client_says() {
    let found = |options: &[(&str, &str)]| {
        let options = options
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let options = Options::parse(options).unwrap();
        let name = options.files.filename.clone().unwrap_or_default();
        candidates(&options, &name, name.rsplit('/').next().unwrap()).join(" ")
    };
    assert_eq!(found(&[("filename", "go.mod")]), "go.mod");
    assert_eq!(found(&[("filename", "a/go.mod")]), "a/go.mod go.mod");
    let (file, context) = ("vcs:localdir:dockerfile", "vcs:localdir:context");
    for (in_repository, root, expected) in [
        ("apps/api", ".", "apps/api/go.mod go.mod"),
        ("apps/api", "apps", "api/go.mod go.mod"),
        ("apps/api", "apps/api", "go.mod"),
        ("apps/api", "ap", "go.mod"),
    ] {
        assert_eq!(
            found(&[
                ("filename", "go.mod"),
                (file, in_repository),
                (context, root)
            ]),
            expected
        );
    }
}
