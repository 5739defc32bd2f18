//! Tests of hovers.

use serde_json::Value;

use crate::editor::{FILE, editor};

#[test]
fn words_are_explained() {
    let mut editor = editor();
    for (marked, expected) in [
        (
            "cac^hes: [go, m",
            "Directories that are kept between builds",
        ),
        ("req^uires: [test]", "Stages that must succeed"),
        ("g^o, models", "the preset `go`: a cache of"),
        ("model^s]", "the cache `models`"),
        ("buil^d.bin", "the program"),
        ("tool^s\n    steps", "Go with tools"),
        ("gre^et\n        with", "says hello"),
        ("VERSI^ON }}\n  test", "which one"),
        ("na^me }}", "the input `name`"),
        ("out^puts: { bin", "Names for directories"),
    ] {
        let hover = editor.at("textDocument/hover", "Stagefile", FILE, marked, Value::Null);
        let said = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(said.contains(expected), "{marked}: {said}");
    }
    let text = "stages:\n  app:\n    use: std.go\n    form: x\n";
    editor.open("Other", text);
    editor.found("Other");
    let hover = editor.at("textDocument/hover", "Other", text, "std.g^o", Value::Null);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .contains("std.go"),
        "{hover}"
    );
    // The page of the problem.
    let hover = editor.at("textDocument/hover", "Other", text, "fo^rm", Value::Null);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .contains("**unknown-key**"),
        "{hover}"
    );
}
