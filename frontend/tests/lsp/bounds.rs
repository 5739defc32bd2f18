//! Requests about odd and large files are answered quickly.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::editor::{Editor, slice};

#[test]
fn what_makes_no_sense_ends_nothing() {
    let mut editor = Editor::new(&[("Stagefile", "")]);
    assert!(
        editor
            .respond("textDocument/nothing", json!({}))
            .error
            .is_some()
    );
    assert!(
        editor
            .respond("textDocument/hover", json!({ "no": "sense" }))
            .error
            .is_some()
    );
    editor.tell("textDocument/didChange", json!(7));
    editor.tell("$/cancelRequest", json!({ "id": 1 }));
    let mut deep = String::new();
    for depth in 0..1_000 {
        _ = writeln!(deep, "{}a:", " ".repeat(depth));
    }
    let texts = [
        String::new(),
        "\u{feff}stages: {}".to_owned(),
        "\0".to_owned(),
        "{".repeat(10_000),
        "- ".repeat(10_000),
        "a: &a [*a, *a]\nb: *c".to_owned(),
        format!(
            "stages: {{ a: {{ env: {{ A: \"{}\" }} }} }}",
            "${{ args.X }}".repeat(20_000)
        ),
        deep,
        format!(
            "stages: {{ a: {{ if: \"{}\" }} }}",
            "args.X||".repeat(125_000)
        ),
        format!(
            "stages: {{ a: {{ env: {{ A: \"{}\" }} }} }}",
            "${{ args.X }}".repeat(80_000)
        ),
        "a\r".to_owned(),
        format!(
            "stages: {{ a: {{ requires: [a{}] }} }}",
            "-".repeat(500_000)
        ),
        format!("stages:\n  a:\n    from: {}", "x".repeat(500_000)),
        "\r\n\r\nstages:\r\n  a: {}\r\n".to_owned(),
        "stages:\n  é😀: { from: 😀".to_owned(),
    ];
    for text in texts {
        editor.open("Stagefile", &text);
        let begin = Instant::now();
        let lines = text.lines().count();
        for method in [
            "hover",
            "completion",
            "definition",
            "references",
            "prepareRename",
        ] {
            for (line, character) in [
                (0, 0),
                (0, 3),
                (lines, 0),
                (lines / 2, 9),
                (999_999, 999_999),
                (lines.saturating_sub(1), 400_000),
            ] {
                let params = json!({
                    "textDocument": { "uri": editor.uri("Stagefile") },
                    "position": { "line": line, "character": character },
                    "context": { "includeDeclaration": true, "triggerKind": 1 },
                });
                editor.ask(&format!("textDocument/{method}"), params);
            }
        }
        for method in [
            "documentSymbol",
            "foldingRange",
            "semanticTokens/full",
            "formatting",
        ] {
            let params = json!({ "textDocument": { "uri": editor.uri("Stagefile") }, "options": { "tabSize": 2, "insertSpaces": true } });
            editor.ask(&format!("textDocument/{method}"), params);
        }
        editor.found("Stagefile");
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{:.40}: {:?}",
            text,
            begin.elapsed()
        );
    }
}

#[test]
fn a_large_file_of_one_line_is_answered_soon() {
    let mut text = "stages: { é: { from: x }".to_owned();
    for number in 0..5_000 {
        _ = write!(text, ", s{number}: {{ from: é, env: {{ A: ü }} }}");
    }
    text.push_str(", last: { requires: [s7] } }");
    let mut editor = Editor::new(&[]);
    editor.open("Stagefile", &text);
    let begin = Instant::now();
    let hover = editor.at(
        "textDocument/hover",
        "Stagefile",
        &text,
        "[s^7",
        Value::Null,
    );
    let said = hover["contents"]["value"].as_str().unwrap_or_default();
    assert_eq!(
        said,
        "the stage `s7`\n\n```yaml\ns7: { from: é, env: { A: ü } }\n```"
    );
    let items = editor.at(
        "textDocument/completion",
        "Stagefile",
        &text,
        "[s^7",
        Value::Null,
    );
    assert!(items.as_array().is_some_and(|items| items.len() > 5_000));
    let places = editor.at(
        "textDocument/references",
        "Stagefile",
        &text,
        "from: ^é, env: { A: ü } }, last",
        json!({ "context": { "includeDeclaration": true } }),
    );
    let uri = editor.uri("Stagefile");
    editor.ask(
        "textDocument/documentSymbol",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    let places = places.as_array().cloned().unwrap_or_default();
    assert_eq!(places.len(), 5_001);
    for place in [&places[0], &places[1], &places[5_000]] {
        assert_eq!(slice(&text, &place["range"]), "é");
    }
}

/// The file has 10,000 lines. Test builds are slower than release builds.
#[test]
fn a_large_file_is_answered_soon() {
    let mut text = "stages:\n".to_owned();
    for number in 0..2_000 {
        _ = write!(
            text,
            "  s{number}:\n    from: alpine:3.20\n    steps:\n      - run: echo {number}\n        env: {{ A: b }}\n"
        );
    }
    text.push_str("  last:\n    requires: [s7]\n");
    let mut editor = Editor::new(&[]);
    editor.open("Stagefile", &text);
    let begin = Instant::now();
    editor.at(
        "textDocument/hover",
        "Stagefile",
        &text,
        "requi^res",
        Value::Null,
    );
    editor.at(
        "textDocument/completion",
        "Stagefile",
        &text,
        "[s^7",
        Value::Null,
    );
    editor.at(
        "textDocument/definition",
        "Stagefile",
        &text,
        "[s^7",
        Value::Null,
    );
    let uri = editor.uri("Stagefile");
    editor.ask(
        "textDocument/documentSymbol",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
}
