//! Tests of the language server with Dockerfiles.

use serde_json::{Value, json};

use crate::editor::{Editor, applied, slice};

#[test]
fn dockerfiles_are_served_too() {
    let mut editor = Editor::new(&[]);
    let text = "FROM alpine:3.20 as Base\nRUN <<EOF\nFROM base\nEOF\nFROM base AS app\nCOPY --from=base /x /\nRUN --mount=type=bind,from=base,target=/b ls\n";
    editor.open("Dockerfile", text);
    let found = editor.found("Dockerfile");
    let casing = found
        .iter()
        .find(|one| one["code"] == "FromAsCasing")
        .unwrap_or_else(|| panic!("{found:?}"));
    let page = casing["codeDescription"]["href"]
        .as_str()
        .unwrap_or_default();
    assert!(page.starts_with("https://docs.docker.com/"), "{page}");
    let uri = editor.uri("Dockerfile");
    let symbols = editor.ask(
        "textDocument/documentSymbol",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(
        (symbols[0]["name"].as_str(), symbols[1]["name"].as_str()),
        (Some("Base"), Some("app"))
    );
    let place = editor.at(
        "textDocument/definition",
        "Dockerfile",
        text,
        "from=ba^se,",
        Value::Null,
    );
    assert_eq!(slice(text, &place["range"]), "Base");
    let done = editor.at(
        "textDocument/rename",
        "Dockerfile",
        text,
        "--from=ba^se /x",
        json!({ "newName": "tools" }),
    );
    let renamed = applied(text, &done["changes"][&uri]);
    let expected = text
        .replace("as Base", "as tools")
        .replace("\nFROM base AS", "\nFROM tools AS")
        .replace("from=base", "from=tools");
    assert_eq!(renamed, expected);
    for (name, reason) in [
        ("App", "already"),
        ("1st", "can't be the name"),
        ("Scratch", "can't be the name"),
    ] {
        let params = json!({ "textDocument": { "uri": uri }, "position": crate::editor::place(text, "--from=ba^se /x"), "newName": name });
        let error = editor.respond("textDocument/rename", params).error;
        let error = error.expect("an error").message;
        assert!(error.contains(reason), "{error}");
    }
    let at = json!({ "line": 0, "character": 0 });
    let actions = editor.ask(
        "textDocument/codeAction",
        json!({ "textDocument": { "uri": uri }, "range": { "start": at, "end": { "line": 9, "character": 0 } }, "context": { "diagnostics": [], "only": ["quickfix"] } }),
    );
    assert!(
        actions
            .as_array()
            .is_some_and(|actions| !actions.is_empty()),
        "{actions}"
    );
    let keywords = "FR^";
    let params = json!({ "textDocument": { "uri": editor.uri("Dockerfile") }, "position": { "line": 0, "character": 2 } });
    editor.open("Dockerfile", &keywords.replace('^', ""));
    let items = editor.ask("textDocument/completion", params);
    assert!(
        items
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| one["label"] == "FROM"),
        "{items}"
    );
}

#[test]
fn instructions_and_their_flags_are_explained() {
    let mut editor = Editor::new(&[]);
    let text = "ARG V=1\nFROM --platform=$BUILDPLATFORM alpine AS base\nRUN --mount=type=cache,target=/c \\\n  --network=none ls\nONBUILD COPY --from=base --link . /\nHEALTHCHECK --retries=2 CMD true\ncopy a /b\n# RUN\nFROM a:$V\nARG V\nARG W\nENV E=e V2=${V}x\nRUN echo $W ${E:-1} $V2 $X\nENV E=f\nRUN echo $E ${V}\n";
    editor.open("Dockerfile", text);
    for (marked, expected) in [
        ("AR^G V", "`--build-arg`"),
        ("FR^OM", "Begins a stage"),
        ("--plat^form", "`--platform` of `FROM`: "),
        ("--mou^nt", "`--mount` of `RUN`: "),
        ("--net^work", "`--network` of `RUN`: "),
        ("ONBU^ILD", "start `FROM` this image"),
        ("CO^PY --from", "Copies files"),
        ("--li^nk", "`--link` of `COPY`: "),
        ("--ret^ries", "`--retries` of `HEALTHCHECK`: "),
        ("co^py a", "Copies files"),
        ("--from=ba^se", "the stage `base`"),
        ("l^s", ""),
        ("type=ca^che", ""),
        ("# R^UN", ""),
        (
            "a:$^V",
            "`V` is `1` unless `--build-arg` gives another: `ARG` of line 1",
        ),
        (
            "echo $^W",
            "`W` is what `--build-arg` gives: `ARG` of line 11",
        ),
        ("${^E:-1}", "`E` is `e`: `ENV` of line 12"),
        ("$V^2", "`V2` is `${V}x`: `ENV` of line 12"),
        ("$^X", ""),
        ("echo $E^ $", "`E` is `f`: `ENV` of line 14"),
        ("${^V}\n", "`V` is `1` unless"),
    ] {
        let hover = editor.at(
            "textDocument/hover",
            "Dockerfile",
            text,
            marked,
            Value::Null,
        );
        let said = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(
            said.contains(expected) && said.is_empty() == expected.is_empty(),
            "{marked}: {said}"
        );
    }
}
