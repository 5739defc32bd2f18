//! Tests of code actions: corrections.

use serde_json::json;

use crate::editor::{Editor, applied, place};

#[test]
fn corrections_are_offered_one_by_one_and_all_at_once() {
    let mut editor = Editor::new(&[]);
    let text = "stages:\n  app:\n    form: debian:12\n    steps:\n      - run: source ./x\n      - runn: ls\n";
    editor.open("Stagefile", text);
    editor.found("Stagefile");
    let uri = editor.uri("Stagefile");
    let at = place(text, "fo^rm");
    let actions = editor.ask(
        "textDocument/codeAction",
        json!({ "textDocument": { "uri": uri }, "range": { "start": at, "end": at }, "context": { "diagnostics": [] } }),
    );
    let quick = &actions[0];
    assert_eq!(
        (quick["title"].as_str(), quick["kind"].as_str()),
        (Some("Write `from`"), Some("quickfix"))
    );
    assert_eq!(
        applied(text, &quick["edit"]["changes"][&uri]),
        text.replace("form", "from")
    );
    let all = actions[1].clone();
    assert_eq!(all["kind"], "source.fixAll");
    let all = editor.ask("codeAction/resolve", all);
    let fixed = applied(text, &all["edit"]["changes"][&uri]);
    assert_eq!(
        fixed,
        text.replace("form", "from")
            .replace("runn", "run")
            .replace("source ", ". ")
    );
}

#[test]
fn corrections_are_of_the_text_as_it_is() {
    let mut editor = Editor::new(&[]);
    let text = "stages:\n  app:\n    form: debian:12\n";
    editor.open("Stagefile", text);
    editor.found("Stagefile");
    let uri = editor.uri("Stagefile");
    assert_eq!(editor.corrections("Stagefile").len(), 2);
    let start = json!({ "line": 0, "character": 0 });
    editor.tell(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "range": { "start": start, "end": start }, "text": "args: { A: b }\n" }],
        }),
    );
    // Not checked yet: the findings are those of an earlier text.
    let actions = editor.corrections("Stagefile");
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert_eq!(actions[0]["kind"], "source.fixAll");
    let all = editor.ask("codeAction/resolve", actions[0].clone());
    let text = format!("args: {{ A: b }}\n{text}");
    assert_eq!(
        applied(&text, &all["edit"]["changes"][&uri]),
        text.replace("form", "from")
    );
    editor.found("Stagefile");
    let actions = editor.corrections("Stagefile");
    assert_eq!(
        applied(&text, &actions[0]["edit"]["changes"][&uri]),
        text.replace("form", "from")
    );
}
