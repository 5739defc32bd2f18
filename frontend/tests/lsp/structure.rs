//! Tests of requests about whole files: outline, folding, colors and formatting.

use serde_json::{Value, json};

use crate::editor::{Editor, FILE, applied, editor, slice};

#[test]
fn files_have_an_outline_folds_colours_and_a_layout() {
    let mut editor = editor();
    let uri = editor.uri("Stagefile");
    let of = |editor: &mut Editor, method: &str| {
        editor.ask(method, json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 2, "insertSpaces": true } }))
    };
    let symbols = of(&mut editor, "textDocument/documentSymbol");
    let stages = symbols
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["name"] == "stages")
        .expect("the stages");
    let names: Vec<&str> = stages["children"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["build", "test", "app"]);
    assert_eq!(
        stages["children"][0]["children"][1]["name"],
        "run: go build -o /out/x ."
    );
    assert_eq!(stages["children"][0]["detail"], "the program");

    let folds = of(&mut editor, "textDocument/foldingRange");
    let has = |start: u64, end: u64| {
        folds
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| one["startLine"] == start && one["endLine"] == end)
    };
    assert!(has(11, 21) && has(10, 31), "{folds}");

    let tokens = of(&mut editor, "textDocument/semanticTokens/full");
    let tokens: Vec<u64> = tokens["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect();
    let (mut line, mut start, mut words) = (0, 0, Vec::new());
    for token in tokens.chunks(5) {
        start = if token[0] == 0 {
            start + token[1]
        } else {
            token[1]
        };
        line += token[0];
        let range = json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": start + token[2] } });
        words.push(slice(FILE, &range));
    }
    assert_eq!(
        words,
        [
            "${{", "inputs", "name", "}}", "${{", "args", "VERSION", "}}"
        ]
    );

    assert_eq!(of(&mut editor, "textDocument/formatting"), json!([]));
    let text = "stages:\n    app:\n        from:   x\n";
    editor.open("Stagefile", text);
    let edits = of(&mut editor, "textDocument/formatting");
    assert_eq!(applied(text, &edits), "stages:\n  app:\n    from: x\n");
}
