//! Tests of definitions, references and renaming.

use serde_json::{Value, json};

use crate::editor::{Editor, FILE, SHARED, applied, editor, place, slice};

#[test]
fn names_lead_to_where_they_are_defined_and_used() {
    let mut editor = editor();
    for (marked, expected, line) in [
        ("buil^d.bin", "Stagefile", 11),
        ("bi^n\n", "Stagefile", 20),
        ("te^st]", "Stagefile", 22),
        ("tool^s\n", "shared/ci.stagefile.yaml", 1),
        ("VERS^ION }}\n  test", "Stagefile", 0),
        ("inputs.na^me", "Stagefile", 7),
        ("gree^t\n        with", "Stagefile", 5),
        ("model^s]", "Stagefile", 3),
        ("secrets: toke^n", "Stagefile", 2),
    ] {
        let found = editor.at(
            "textDocument/definition",
            "Stagefile",
            FILE,
            marked,
            Value::Null,
        );
        assert_eq!(found["uri"], editor.uri(expected), "{marked}: {found}");
        assert_eq!(found["range"]["start"]["line"], line, "{marked}: {found}");
    }
    let found = editor.at(
        "textDocument/references",
        "Stagefile",
        FILE,
        "tool^s\n",
        json!({ "context": { "includeDeclaration": true } }),
    );
    let places: Vec<(String, u64)> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let uri = one["uri"].as_str().unwrap_or_default();
            (
                uri.rsplit('/').next().unwrap_or_default().to_owned(),
                one["range"]["start"]["line"].as_u64().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("ci.stagefile.yaml", 1),
        ("ci.stagefile.yaml", 5),
        ("Stagefile", 23),
    ];
    assert_eq!(places, expected.map(|(name, line)| (name.to_owned(), line)));
}

#[test]
fn names_are_changed_everywhere() {
    let mut editor = editor();
    let rename = |editor: &mut Editor, marked: &str, name: &str| {
        let uri = editor.uri("Stagefile");
        editor.respond(
            "textDocument/rename",
            json!({ "textDocument": { "uri": uri }, "position": place(FILE, marked), "newName": name }),
        )
    };
    let done = rename(&mut editor, "buil^d.bin", "compile")
        .result
        .unwrap_or_default();
    let renamed = applied(FILE, &done["changes"][editor.uri("Stagefile")]);
    assert_eq!(
        renamed,
        FILE.replace("  build:", "  compile:")
            .replace("build.bin", "compile.bin")
    );
    // A name in an imported file, from the file that imports it.
    let done = rename(&mut editor, "tool^s\n", "gotools")
        .result
        .unwrap_or_default();
    let (own, other) = (
        editor.uri("Stagefile"),
        editor.uri("shared/ci.stagefile.yaml"),
    );
    assert_eq!(
        applied(FILE, &done["changes"][own]),
        FILE.replace("shared.tools", "shared.gotools")
    );
    assert_eq!(
        applied(SHARED, &done["changes"][other]),
        SHARED
            .replace("  tools:", "  gotools:")
            .replace("from: tools", "from: gotools")
    );
    for (marked, to, expected) in [
        (
            "VERS^ION }}\n  test",
            "RELEASE",
            FILE.replace("VERSION", "RELEASE"),
        ),
        ("model^s]", "weights", FILE.replace("models", "weights")),
        (
            "secrets: toke^n",
            "key",
            FILE.replace("{ token:", "{ key:")
                .replace("secrets: token", "secrets: key"),
        ),
        (
            "inputs.na^me",
            "_who",
            FILE.replace("{ name:", "{ _who:")
                .replace("inputs.name", "inputs._who"),
        ),
    ] {
        let done = rename(&mut editor, marked, to).result.unwrap_or_default();
        let renamed = applied(FILE, &done["changes"][editor.uri("Stagefile")]);
        assert_eq!(renamed, expected, "{marked}");
    }
    for (marked, name, reason) in [
        ("buil^d.bin", "a b", "can't be the name"),
        ("buil^d.bin", "_x", "can't be the name"),
        ("buil^d.bin", "scratch", "can't be the name"),
        ("buil^d.bin", "context", "can't be the name"),
        ("buil^d.bin", "test", "already"),
        ("tool^s\n", "more", "already"),
        ("VERS^ION }}\n  test", "A-B", "can't be the name"),
        ("VERS^ION }}\n  test", "1A", "can't be the name"),
    ] {
        let error = rename(&mut editor, marked, name).error.expect("an error");
        assert!(error.message.contains(reason), "{}", error.message);
    }
    let range = editor.at(
        "textDocument/prepareRename",
        "Stagefile",
        FILE,
        "buil^d.bin",
        Value::Null,
    );
    assert_eq!(slice(FILE, &range), "build");
    let nothing = editor.at(
        "textDocument/prepareRename",
        "Stagefile",
        FILE,
        "g^o, models",
        Value::Null,
    );
    assert_eq!(nothing, Value::Null);
}

#[test]
fn parts_of_what_is_imported_are_found_and_renamed() {
    let shared = "args: { VERSION: a }\ntemplates:\n  greet:\n    inputs: { name: {} }\n    steps: [{ run: \"echo ${{ inputs.name }} ${{ args.VERSION }}\" }]\nstages:\n  build:\n    from: x\n    steps: [{ run: x, outputs: { bin: /o } }]\n";
    let text = "imports: { s: { path: s.stagefile.yaml, args: { VERSION: b } } }\nargs: { VERSION: c }\nstages:\n  app:\n    from: s.build.bin\n    steps:\n      - { use: s.greet, with: { name: \"${{ args.VERSION }}\" } }\n";
    let mut editor = Editor::new(&[("s.stagefile.yaml", shared)]);
    editor.open("Stagefile", text);
    editor.open("s.stagefile.yaml", shared);
    let uris = ["Stagefile", "s.stagefile.yaml"].map(|name| editor.uri(name));
    for (here, there, name, [own, other]) in [
        (
            "s.build.bi^n",
            "{ bi^n:",
            "out",
            [
                text.replace("build.bin", "build.out"),
                shared.replace("bin:", "out:"),
            ],
        ),
        (
            "with: { na^me",
            "inputs.na^me",
            "who",
            [text.replace("name:", "who:"), shared.replace("name", "who")],
        ),
        (
            "VERSIO^N: b",
            "args.VERSIO^N",
            "RELEASE",
            [
                text.replace("VERSION: b", "RELEASE: b"),
                shared.replace("VERSION", "RELEASE"),
            ],
        ),
    ] {
        let hover = editor.at("textDocument/hover", "Stagefile", text, here, Value::Null);
        assert!(hover.to_string().contains("the "), "{here}: {hover}");
        let found = editor.at(
            "textDocument/definition",
            "Stagefile",
            text,
            here,
            Value::Null,
        );
        assert_eq!(found["uri"], uris[1], "{here}");
        for (file, text_there, marked) in [
            ("Stagefile", text, here),
            ("s.stagefile.yaml", shared, there),
        ] {
            let new = json!({ "newName": name });
            let done = editor.at("textDocument/rename", file, text_there, marked, new);
            assert_eq!(applied(text, &done["changes"][&uris[0]]), own, "{marked}");
            assert_eq!(
                applied(shared, &done["changes"][&uris[1]]),
                other,
                "{marked}"
            );
        }
    }
}

#[test]
fn combinations_of_a_matrix_are_renamed_with_their_stage() {
    let mut editor = Editor::new(&[]);
    let text = "stages:\n  test:\n    matrix: { node: [\"20\", \"22\"] }\n    from: node:${{ matrix.node }}\n  app:\n    requires: [test-20]\n";
    editor.open("Stagefile", text);
    let done = editor.at(
        "textDocument/rename",
        "Stagefile",
        text,
        "  te^st:",
        json!({ "newName": "check" }),
    );
    let renamed = applied(text, &done["changes"][editor.uri("Stagefile")]);
    assert_eq!(renamed, text.replace("test", "check"));
}

#[test]
fn a_folder_behind_a_link_is_as_it_is_open() {
    let mut editor = Editor::new(&[
        ("real/Stagefile", FILE),
        ("real/shared/ci.stagefile.yaml", SHARED),
    ]);
    std::os::unix::fs::symlink(editor.path("real"), editor.path("link")).expect("a link");
    editor.open("link/Stagefile", FILE);
    let shared = "link/shared/ci.stagefile.yaml";
    let definition = |editor: &mut Editor| {
        editor.at(
            "textDocument/definition",
            "link/Stagefile",
            FILE,
            "tool^s\n",
            Value::Null,
        )
    };
    let found = definition(&mut editor);
    assert_eq!(found["uri"], editor.uri(shared));
    assert_eq!(found["range"]["start"]["line"], 1);
    let text = format!("# not saved\n{SHARED}");
    editor.open(shared, &text);
    let found = definition(&mut editor);
    assert_eq!(found["uri"], editor.uri(shared));
    assert_eq!(found["range"]["start"]["line"], 2);
    let found = editor.at(
        "textDocument/references",
        shared,
        &text,
        "from: tool^s",
        json!({ "context": { "includeDeclaration": true } }),
    );
    assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
    let done = editor.at(
        "textDocument/rename",
        shared,
        &text,
        "from: tool^s",
        json!({ "newName": "gotools" }),
    );
    let changes = done["changes"].as_object().expect("changes");
    let uris: Vec<&str> = changes.keys().map(String::as_str).collect();
    assert_eq!(uris, [editor.uri("link/Stagefile"), editor.uri(shared)]);
}
