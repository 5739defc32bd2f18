//! Tests of subrequests for graphs and bake files.

use buildkit_gateway::testkit::Daemon;
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{file_action, op};
use serde_json::Value;

use super::harness::{ask, daemon, daemon_of, operations};

const FILE: &str = r#"
args:
  NAME: "a ${b}"
secrets:
  token: {}
stages:
  deps:
    description: what the others need
    from: busybox:1.35
    steps:
      - run: echo deps
        secrets: [token]
  test:
    from: deps
    steps:
      - run: echo </script><b>test
  app:
    from: deps
    requires: [test]
    steps:
      - run: echo ${{ args.NAME }}
"#;

const DOCKERFILE: &str = "FROM busybox:1.35 AS one\nRUN echo 1\nFROM one\nRUN --mount=type=cache,id=c,target=/c echo 2\n";

fn text(result: &wire::Result) -> String {
    String::from_utf8(result.metadata["result.txt"].to_vec()).expect("text")
}

fn json(result: &wire::Result) -> Value {
    serde_json::from_slice(&result.metadata["result.json"]).expect("JSON")
}

fn of_dockerfile() -> Daemon {
    daemon_of("Dockerfile", DOCKERFILE)
}

async fn asked(daemon: &Daemon, name: &str) -> wire::Result {
    let answer = ask(daemon, &[("requestid", name)]).await;
    answer.unwrap_or_else(|failure| panic!("{name}: {failure}"))
}

#[tokio::test]
async fn a_graph_is_drawn_in_each_form() {
    let of_stagefile = || daemon(FILE);
    for (daemon, words) in [
        (
            &of_stagefile as &dyn Fn() -> Daemon,
            ["(secret token)", "requires test"],
        ),
        (&of_dockerfile, ["(cache /c)", "[one 2/2] RUN echo 1"]),
    ] {
        let lanes = text(&asked(&daemon(), "frontend.graph").await);
        for word in words {
            assert!(lanes.contains(word), "{lanes}");
        }
        assert!(
            lanes.lines().all(|line| line.chars().count() <= 100),
            "{lanes}"
        );
        for (name, begin) in [
            ("frontend.graph dot", "digraph "),
            ("frontend.graph mermaid", "flowchart LR\n"),
            ("frontend.graph html", "<!doctype html>"),
        ] {
            let answer = asked(&daemon(), name).await;
            assert!(text(&answer).starts_with(begin), "{name}");
            assert!(json(&answer)["vertices"][0]["digest"].is_string());
        }
        let failure = ask(&daemon(), &[("requestid", "frontend.graph svg")]).await;
        let failure = failure.expect_err("no such picture");
        assert!(failure.message().contains("`graph mermaid`"), "{failure}");
    }
}

#[tokio::test]
async fn the_page_is_the_only_file_of_its_target() {
    for (daemon, target, step) in [
        (daemon(FILE), "@graph", "[app"),
        (daemon(FILE), "deps@graph", "[deps"),
        (of_dockerfile(), "@graph", "RUN "),
        (of_dockerfile(), "one@graph", "[one 2/2]"),
    ] {
        let built = ask(&daemon, &[("target", target)]).await;
        built.unwrap_or_else(|failure| panic!("{target}: {failure}"));
        let operations = operations(&daemon);
        assert_eq!(operations.len(), 1, "{target}");
        let Some(op::Op::File(file)) = &operations[0].op else {
            panic!("{target}: no file")
        };
        let Some(file_action::Action::Mkfile(made)) = &file.actions[0].action else {
            panic!("{target}: {file:?}")
        };
        assert_eq!(made.path, "/graph.html");
        let page = std::str::from_utf8(&made.data).expect("text");
        // Text from a file can't end its HTML element, and nothing is fetched.
        assert_eq!(page.matches("</script>").count(), 2, "{target}");
        assert!(!page.contains("http://") || page.matches("http://").count() == 1);
        let (_, data) = page.split_once("id=\"data\">").expect("data");
        let (data, _) = data.split_once("</script>").expect("its end");
        let data: Value = serde_json::from_str(data).expect("JSON");
        let last = data["result"].as_u64().expect("a result");
        let last = &data["vertices"][usize::try_from(last).expect("a number")];
        assert!(last["name"].to_string().contains(step), "{target}: {last}");
        assert!(
            data["files"][0]["text"].to_string().contains("deps")
                || target.starts_with("one")
                || step == "RUN "
        );
        assert!(
            last["at"][0][1].as_u64().expect("a line") > 1,
            "{target}: {last}"
        );
    }
    let failure = ask(&daemon(FILE), &[("target", "none@graph")]).await;
    assert!(failure.expect_err("no stage").message().contains("none"));
}

#[tokio::test]
async fn a_bake_file_has_each_stage_and_takes_what_looks_like_an_expression_as_it_is() {
    let answer = asked(&daemon(FILE), "frontend.bake").await;
    assert_eq!(
        text(&answer),
        r#"variable "NAME" {
  default = "a $${b}"
}

group "default" {
  targets = ["app"]
}

target "_common" {
  context = "."
  dockerfile = "Stagefile"
  args = {
    NAME = NAME
  }
}

target "deps" {
  inherits = ["_common"]
  target = "deps"
  description = "what the others need"
}

target "test" {
  inherits = ["_common"]
  target = "test"
}

target "app" {
  inherits = ["_common"]
  target = "app"
}
"#
    );
    assert_eq!(
        json(&answer)["target"]["_common"]["args"]["NAME"],
        "${NAME}"
    );
    let answer = asked(&of_dockerfile(), "frontend.bake json").await;
    assert_eq!(
        json(&answer),
        serde_json::from_str::<Value>(&text(&answer)).expect("JSON")
    );
    // The last stage has no name.
    assert_eq!(json(&answer)["group"]["default"]["targets"][0], "image");
    assert_eq!(json(&answer)["target"]["one"]["target"], "one");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_can() {
    for (daemon, name, words) in [
        (daemon(FILE), "frontend.grph", "did you mean `graph`?"),
        (of_dockerfile(), "frontend.grph", "did you mean `graph`?"),
        (
            daemon(FILE),
            "frontend.convert",
            "takes one of: check, outline",
        ),
        (daemon(FILE), "frontend.bake yaml", "in quotes `bake json`"),
        (
            of_dockerfile(),
            "frontend.bake yaml",
            "in quotes `bake json`",
        ),
        (daemon(FILE), "frontend.graph dot html", "it is `graph`"),
    ] {
        let failure = ask(&daemon, &[("requestid", name)]).await;
        let failure = failure.expect_err("no such question");
        assert!(format!("{failure:?}").contains(words), "{failure:?}");
    }
}

/// What the stages' Dockerfiles need from the client is part of what the target needs.
#[tokio::test]
async fn an_outline_has_what_dockerfiles_need() {
    let file = "secrets: { token: {} }\nstages:\n  app:\n    from: { dockerfile: sub/Dockerfile }\n    steps: [{ run: x, secrets: [token] }]\n";
    let part = "FROM busybox:1.35 AS other\nRUN --mount=type=secret,id=unused x\nFROM busybox:1.35\nRUN --mount=type=secret,id=token x\nRUN --mount=type=secret,id=key,required=true --mount=type=ssh,id=agent x\n";
    let daemon = daemon(file).local("context", [("sub/Dockerfile", part)]);
    let answer = asked(&daemon, "frontend.outline").await;
    let outline = json(&answer);
    let needed = |what: &str| -> Vec<(String, bool)> {
        let all = outline[what].as_array().expect("a list").iter();
        all.map(|one| (one["name"].to_string(), one["required"] == true))
            .collect()
    };
    // One step works without the token, the other doesn't.
    assert_eq!(
        needed("secrets"),
        [("\"key\"".to_owned(), true), ("\"token\"".to_owned(), true)]
    );
    assert_eq!(needed("ssh"), [("\"agent\"".to_owned(), false)]);
    let key = &outline["secrets"][0]["location"];
    assert_eq!(key["ranges"][0]["start"]["line"], 5, "{outline}");
    let source = key["sourceIndex"].as_u64().expect("an index");
    let shown = &outline["sources"][usize::try_from(source).expect("an index")];
    assert!(!shown.is_null(), "{outline}");
    assert!(text(&answer).contains("key"), "{outline}");
}
