//! Problems are reported in the right places and files.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::editor::{Editor, place, slice};

#[test]
fn what_is_wrong_is_told_while_one_types() {
    let editor = Editor::new(&[("Stagefile", "")]);
    let text = "# 😀\nstages:\n  app:\n    form: debian:12 # 😀\n    steps:\n      - run: echo 😀 && apt-get install -y curl\n";
    editor.open("Stagefile", text);
    let found = editor.found("Stagefile");
    let shown: Vec<(String, String, u64)> = found
        .iter()
        .map(|one| {
            let code = one["code"].as_str().unwrap_or_default().to_owned();
            (
                code,
                slice(text, &one["range"]),
                one["severity"].as_u64().unwrap_or_default(),
            )
        })
        .collect();
    let shown: Vec<(&str, &str, u64)> = shown
        .iter()
        .map(|(code, text, level)| (&**code, &**text, *level))
        .collect();
    assert!(shown.contains(&("unknown-key", "form", 1)), "{shown:?}");
    assert!(
        shown.contains(&("package-lists", "apt-get install", 2)),
        "{shown:?}"
    );
    let message = found[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("did you mean `from`?"), "{message}");
    // The change of one word.
    editor.tell(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": editor.uri("Stagefile"), "version": 2 },
            "contentChanges": [
                { "range": { "start": place(text, "form"), "end": place(text, "form^") }, "text": "from" },
                { "range": { "start": place(text, "apt-get"), "end": place(text, "curl^") }, "text": "true" },
            ],
        }),
    );
    assert_eq!(editor.found("Stagefile"), Vec::<Value>::new());
}

#[test]
fn related_places_and_imports_are_told() {
    let mut editor = Editor::new(&[(
        "shared.yaml",
        "stages:\n  tools:\n    from: x\n    form: y\n",
    )]);
    let text = "imports: { a: shared.yaml, b: ../outside.yaml, c: { from: { git: https://example.com/a.git }, path: x } }\nargs: { X: a, X: b }\nstages:\n  app: { from: a.tools }\n";
    editor.open("Stagefile", text);
    let found = editor.found("Stagefile");
    let of = |code: &str| {
        found
            .iter()
            .find(|one| one["code"] == code)
            .unwrap_or_else(|| panic!("{code} in {found:?}"))
    };
    let double = of("duplicate-key");
    let related = &double["relatedInformation"][0]["location"];
    assert_eq!(slice(text, &related["range"]), "X");
    editor.open(
        "Other",
        "imports: { a: shared.yaml }\nstages:\n  app: { from: a.tools }\n",
    );
    let found = editor.found("Other");
    let unknown = found
        .iter()
        .find(|one| one["code"] == "unknown-key")
        .unwrap_or_else(|| panic!("{found:?}"));
    let related = &unknown["relatedInformation"][0]["location"];
    assert_eq!(related["uri"], editor.uri("shared.yaml"));
    assert_eq!(
        related["range"]["start"],
        json!({ "line": 3, "character": 4 })
    );
    // A problem in the other file is reported where this file refers to it, and nowhere else.
    let text = "imports: { a: shared.yaml }\nstages:\n  app: { from: a.tools }\n";
    let has_page = |hover: &Value| hover.to_string().contains("**unknown-key**");
    let start = place(text, &slice(text, &unknown["range"]));
    let params = json!({ "textDocument": { "uri": editor.uri("Other") }, "position": start });
    assert!(has_page(&editor.ask("textDocument/hover", params)));
    let params =
        json!({ "textDocument": { "uri": editor.uri("Other") }, "position": place(text, "") });
    assert!(!has_page(&editor.ask("textDocument/hover", params)));
    assert_eq!(editor.ask("textDocument/hover", json!({ "textDocument": { "uri": editor.uri("none") }, "position": { "line": 0, "character": 0 } })), Value::Null);
}

#[test]
fn what_was_found_is_taken_back() {
    let mut editor = Editor::new(&[("Stagefile", "")]);
    let text = "stages:\n  app:\n    form: debian:12\n";
    editor.open("Stagefile", text);
    assert_eq!(editor.found("Stagefile")[0]["code"], "unknown-key");
    // The file can't be checked if something can't be read.
    let ignored = editor.path("Stagefile.dockerignore");
    fs::create_dir(&ignored).expect("a folder");
    let saved = json!({ "textDocument": { "uri": editor.uri("Stagefile") } });
    editor.tell("textDocument/didSave", saved.clone());
    let found = editor.found("Stagefile");
    let message = found[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains(".dockerignore"), "{found:?}");
    assert_eq!(
        found[0]["range"]["start"],
        json!({ "line": 0, "character": 0 })
    );
    assert_eq!(editor.corrections("Stagefile"), Vec::<Value>::new());
    fs::remove_dir(&ignored).expect("a folder");
    editor.tell("textDocument/didSave", saved.clone());
    assert_eq!(editor.found("Stagefile")[0]["code"], "unknown-key");
    editor.tell("textDocument/didClose", saved);
    assert_eq!(editor.found("Stagefile"), Vec::<Value>::new());
}

#[test]
fn a_file_that_is_nowhere_yet_has_no_context() {
    let mut editor = Editor::new(&[]);
    for uri in ["untitled:Untitled-1", "file:///"] {
        // Both exist, in the root directory and where this program runs.
        for import in ["etc/passwd", "Cargo.toml"] {
            let text = format!(
                "imports: {{ a: {import} }}\nstages:\n  app: {{ from: a.b, steps: [{{ copy: etc, to: /etc }}] }}\n"
            );
            editor.open_at(uri, &text);
            let found = editor.found_at(uri);
            let codes: Vec<&Value> = found.iter().map(|one| &one["code"]).collect();
            assert_eq!(codes, ["unreadable-import"], "{found:?}");
            let message = found[0]["message"].as_str().unwrap_or_default();
            assert!(message.contains("isn't saved"), "{message}");
            let params =
                json!({ "textDocument": { "uri": uri }, "position": place(&text, "a.^b,") });
            assert_eq!(editor.ask("textDocument/definition", params), Value::Null);
        }
    }
    editor.open_at("untitled:Dockerfile", "FROM scratch as a\n");
    let found = editor.found_at("untitled:Dockerfile");
    assert!(
        found.iter().any(|one| one["code"] == "FromAsCasing"),
        "{found:?}"
    );
}

/// Nothing outside the folder is read, wherever an import leads.
#[test]
fn imports_are_read_inside_of_the_folder_only() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(
        outside.path().join("x.yaml"),
        "stages: { secret: { from: x } }",
    )
    .expect("a file");
    let mut editor = Editor::new(&[]);
    let path = outside.path().join("x.yaml");
    std::os::unix::fs::symlink(&path, editor.path("link.yaml")).expect("a link");
    for import in ["link.yaml", &relative(&path)] {
        let text = format!("imports: {{ a: {import} }}\nstages:\n  app:\n    from: a.secret\n");
        editor.open("Stagefile", &text);
        let found = editor.found("Stagefile");
        assert!(found.iter().any(|one| one["severity"] == 1), "{found:?}");
        let place = editor.at(
            "textDocument/definition",
            "Stagefile",
            &text,
            "a.secr^et",
            Value::Null,
        );
        assert_eq!(place, Value::Null);
    }
}

fn relative(path: &Path) -> String {
    format!("../../../../../../..{}", path.display())
}
