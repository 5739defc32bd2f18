//! The language server, driven by a client that asks everything there is to ask.
#![cfg(feature = "lsp")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use stagefile::lsp::End;

/// An editor with a folder.
struct Editor {
    connection: Connection,
    server: Option<JoinHandle<End>>,
    folder: tempfile::TempDir,
    next: i32,
}

const FILE: &str = "\
args: { VERSION: { default: \"1\", description: which one } }
imports: { shared: shared/ci.stagefile.yaml }
secrets: { token: { description: a token } }
caches: { models: { target: /srv/m } }
templates:
  greet:
    description: says hello
    inputs: { name: { type: string, required: true } }
    steps:
      - run: echo ${{ inputs.name }}
stages:
  build:
    description: the program
    from: golang:1.22
    caches: [go, models]
    steps:
      - use: greet
        with: { name: me }
      - run: go build -o /out/x . # 😀
        secrets: token
        outputs: { bin: /out }
      - run: echo 😀 ${{ args.VERSION }}
  test:
    from: shared.tools
    steps:
      - run: go test ./...
  app:
    from: scratch
    requires: [test]
    steps:
      - copy: x
        from: build.bin
";

const SHARED: &str = "\
stages:
  tools:
    description: Go with tools
    from: golang:1.22
  more:
    from: tools
";

impl Editor {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let (connection, own) = Connection::memory();
        let server = std::thread::spawn(move || stagefile::lsp::run(&own).expect("a good end"));
        let mut editor = Self {
            connection,
            server: Some(server),
            folder,
            next: 0,
        };
        let root = editor.uri("");
        let answer = editor.ask(
            "initialize",
            json!({ "capabilities": {}, "rootUri": root.trim_end_matches('/') }),
        );
        assert_eq!(answer["serverInfo"]["name"], "stagefile");
        editor.tell("initialized", json!({}));
        editor
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path())
            .expect("a path")
            .join(name)
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    fn tell(&self, method: &str, params: Value) {
        let message = Notification {
            method: method.to_owned(),
            params,
        };
        self.connection
            .sender
            .send(message.into())
            .expect("a server");
    }

    fn respond(&mut self, method: &str, params: Value) -> Response {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection
            .sender
            .send(request.into())
            .expect("a server");
        loop {
            let message = self
                .connection
                .receiver
                .recv_timeout(Duration::from_secs(30));
            if let Message::Response(response) = message.expect("an answer")
                && response.id == id
            {
                return response;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.respond(method, params);
        assert!(response.error.is_none(), "{method}: {:?}", response.error);
        response.result.unwrap_or_default()
    }

    fn open(&self, name: &str, text: &str) {
        self.open_at(&self.uri(name), text);
    }

    fn open_at(&self, uri: &str, text: &str) {
        self.tell(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "stagefile", "version": 1, "text": text } }),
        );
    }

    /// Lists the corrections of a whole file.
    fn corrections(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
        let found = self.ask("textDocument/codeAction", params);
        found.as_array().cloned().unwrap_or_default()
    }

    /// Waits for what is found in a file.
    fn found(&self, name: &str) -> Vec<Value> {
        self.found_at(&self.uri(name))
    }

    fn found_at(&self, uri: &str) -> Vec<Value> {
        loop {
            let message = self
                .connection
                .receiver
                .recv_timeout(Duration::from_secs(30));
            if let Message::Notification(told) = message.expect("what is found")
                && told.method == "textDocument/publishDiagnostics"
                && told.params["uri"] == uri
            {
                return told.params["diagnostics"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
            }
        }
    }

    /// Asks something about the place of a `^` before a string.
    #[expect(clippy::needless_pass_by_value, reason = "callers write it there")]
    fn at(&mut self, method: &str, name: &str, text: &str, marked: &str, more: Value) -> Value {
        let mut params =
            json!({ "textDocument": { "uri": self.uri(name) }, "position": place(text, marked) });
        for (key, value) in more.as_object().into_iter().flatten() {
            params[key] = value.clone();
        }
        self.ask(method, params)
    }

    /// Opens a file with a `^`, and lists what could be written there.
    fn completions(&mut self, text: &str) -> Vec<String> {
        let place = place(
            &text.replacen('^', "", 1),
            &text[text.find('^').expect("a place")..].replacen('^', "", 1),
        );
        self.open("Stagefile", &text.replacen('^', "", 1));
        let uri = self.uri("Stagefile");
        let answer = self.ask(
            "textDocument/completion",
            json!({ "textDocument": { "uri": uri }, "position": place }),
        );
        let items = answer.as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["label"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let server = self.server.take().expect("a server");
        assert_eq!(server.join().expect("a good end"), End::Agreed);
    }
}

/// Returns the position of a string in another, as editors count; a `^` in it is the place itself.
fn place(text: &str, marked: &str) -> Value {
    let plain = marked.replacen('^', "", 1);
    let offset = if plain.is_empty() {
        text.len()
    } else {
        text.rfind(&plain).expect("the text")
    };
    let offset = offset + marked.find('^').unwrap_or(0);
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

/// Returns the text of a range.
fn slice(text: &str, range: &Value) -> String {
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().unwrap_or_default()).unwrap_or_default();
        let units =
            usize::try_from(place["character"].as_u64().unwrap_or_default()).unwrap_or_default();
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut left = units;
        let mut offset = start;
        for letter in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= letter.len_utf16();
            offset += letter.len_utf8();
        }
        offset
    };
    text[offset(&range["start"])..offset(&range["end"])].to_owned()
}

/// Makes the changes of an edit in a file.
fn applied(text: &str, edits: &Value) -> String {
    let mut edits: Vec<Value> = edits.as_array().cloned().unwrap_or_default();
    let key = |edit: &Value| {
        (
            edit["range"]["start"]["line"].as_u64(),
            edit["range"]["start"]["character"].as_u64(),
        )
    };
    edits.sort_by_key(key);
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        let start = slice(
            &text,
            &json!({ "start": { "line": 0, "character": 0 }, "end": edit["range"]["start"] }),
        )
        .len();
        let old = slice(&text, &edit["range"]);
        text.replace_range(
            start..start + old.len(),
            edit["newText"].as_str().unwrap_or_default(),
        );
    }
    text
}

fn editor() -> Editor {
    let editor = Editor::new(&[("Stagefile", FILE), ("shared/ci.stagefile.yaml", SHARED)]);
    editor.open("Stagefile", FILE);
    editor
}

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
    // What is wrong in the other file is explained where this one leads there, and nowhere else.
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
fn words_are_explained() {
    let mut editor = editor();
    for (marked, expected) in [
        (
            "cac^hes: [go, m",
            "Directories that last from build to build",
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
    // The page of what is wrong.
    let hover = editor.at("textDocument/hover", "Other", text, "fo^rm", Value::Null);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .contains("**unknown-key**"),
        "{hover}"
    );
}

#[test]
fn what_could_be_written_is_known_in_broken_files_too() {
    let mut editor = Editor::new(&[("shared/ci.stagefile.yaml", SHARED)]);
    let top = "args: { VERSION: \"1\" }\nimports: { shared: shared/ci.stagefile.yaml }\nsecrets: { token: {} }\ncaches: { models: { target: /m } }\ntemplates:\n  greet:\n    inputs: { name: {}, loud: {} }\n    steps: []\nstages:\n  build:\n    from: x\n    steps: [{ run: x, outputs: { bin: /o } }]\n  app:\n";
    for (rest, expected, not) in [
        ("    fr^", vec!["from", "steps", "requires"], vec!["run"]),
        (
            "    from: b^",
            vec!["build", "scratch", "shared.tools"],
            vec!["app", "run"],
        ),
        ("    from: build.^", vec!["build.bin"], vec![]),
        ("    requires: [^", vec!["build", "shared.more"], vec![]),
        ("    requires:\n      - ^", vec!["build"], vec![]),
        ("    caches: [go, ^", vec!["npm", "models"], vec!["token"]),
        ("    secrets: [^]", vec!["token"], vec!["models"]),
        ("    network: ^", vec!["none", "host"], vec![]),
        ("    use: ^", vec!["std.go", "greet"], vec![]),
        ("    platform: ^", vec!["build", "linux/arm64"], vec![]),
        (
            "    steps:\n      - ^",
            vec!["run", "copy", "use"],
            vec!["bind", "stages"],
        ),
        (
            "    steps:\n      - run: x\n        ^",
            vec!["bind", "caches", "timeout"],
            vec!["copy", "run"],
        ),
        (
            "    steps:\n      - copy: x\n        ^\n",
            vec!["from", "to"],
            vec!["bind"],
        ),
        (
            "    steps: [{ copy: x, ^",
            vec!["from", "to"],
            vec!["bind", "copy"],
        ),
        (
            "    steps:\n      - use: greet\n        with: { name: x, ^",
            vec!["loud"],
            vec!["name"],
        ),
        (
            "    steps:\n      - use: std.apt\n        with:\n          ^",
            vec!["packages"],
            vec![],
        ),
        (
            "    steps:\n      - use: std.apt\n        # use: greet\n        with:\n          ^",
            vec!["packages"],
            vec!["loud"],
        ),
        (
            "    steps:\n      - use: greet\n      - copy: x\n        with:\n          ^",
            vec![],
            vec!["loud"],
        ),
        (
            "    steps:\n      - with:\n          ^\n        use: greet # of here\n",
            vec!["loud", "name"],
            vec![],
        ),
        (
            "    steps: [{ use: greet, with: { ^",
            vec!["loud", "name"],
            vec![],
        ),
        (
            "    steps:\n      - run: echo ${{ \"}}\" + args.^",
            vec!["VERSION"],
            vec!["run"],
        ),
        (
            "    steps:\n      - run: echo $${{ args.^",
            vec![],
            vec!["VERSION"],
        ),
        (
            "    steps:\n      - run: echo ${{ ^",
            vec!["args", "platform"],
            vec!["run"],
        ),
        (
            "    steps:\n      - run: |\n          echo ${{ args.^",
            vec!["VERSION"],
            vec!["platform"],
        ),
        (
            "    steps:\n      - run: echo ${{ platform.target.^ }}",
            vec!["arch", "os"],
            vec![],
        ),
        (
            "    image:\n      ent^",
            vec!["entrypoint", "user"],
            vec!["from"],
        ),
        ("    if: args.^", vec!["VERSION"], vec![]),
        (
            "    steps:\n      - run: |\n          ca^",
            vec![],
            vec!["caches", "go"],
        ),
        ("    # fr^", vec![], vec!["from"]),
        ("    from: [broken\n    wor^", vec![], vec![]),
        (
            "    from: x\n  oops\n  late:\n    work^",
            vec!["workdir"],
            vec![],
        ),
    ] {
        let found = editor.completions(&format!("{top}{rest}"));
        for name in expected {
            assert!(
                found.iter().any(|one| one == name),
                "{rest}: {name} in {found:?}"
            );
        }
        for name in not {
            assert!(
                !found.iter().any(|one| one == name),
                "{rest}: {name} in {found:?}"
            );
        }
    }
    assert!(editor.completions("li^").contains(&"lint".to_owned()));
    assert!(
        editor
            .completions("lint: { unpinned-base: ^ }")
            .contains(&"off".to_owned())
    );
    assert!(
        editor
            .completions("lint:\n  unpinn^")
            .contains(&"unpinned-source".to_owned())
    );
}

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
    // Of a file that is imported, from the one that imports it.
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
    // Not checked yet: what was found was in another text.
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

#[test]
fn what_was_found_is_taken_back() {
    let mut editor = Editor::new(&[("Stagefile", "")]);
    let text = "stages:\n  app:\n    form: debian:12\n";
    editor.open("Stagefile", text);
    assert_eq!(editor.found("Stagefile")[0]["code"], "unknown-key");
    // What can't be read keeps the file from being checked.
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
        // Both are there, in the root and where this program runs.
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
        let params = json!({ "textDocument": { "uri": uri }, "position": crate::place(text, "--from=ba^se /x"), "newName": name });
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

/// Of 10,000 lines; programs under test are slower than those that people use.
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

/// Nothing outside of the folder is read, wherever an import leads.
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

/// The program itself.
struct Program {
    server: std::process::Child,
    input: std::process::ChildStdin,
    output: std::io::BufReader<std::process::ChildStdout>,
}

impl Program {
    fn start() -> Self {
        use std::process::Stdio;

        let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_stagefile"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program");
        let input = server.stdin.take().expect("its input");
        let output = server.stdout.take().expect("its output");
        Self {
            server,
            input,
            output: std::io::BufReader::new(output),
        }
    }

    fn new() -> Self {
        let mut program = Self::start();
        let answer = program.ask(1, "initialize", json!({ "capabilities": {} }));
        assert!(
            answer
                .result
                .is_some_and(|result| result["capabilities"]["hoverProvider"] == true)
        );
        program.tell("initialized", json!({}));
        program
    }

    fn tell(&mut self, method: &str, params: Value) {
        let message: Message = Notification::new(method.to_owned(), params).into();
        message.write(&mut self.input).expect("a server");
    }

    fn ask(&mut self, id: i32, method: &str, params: Value) -> Response {
        let message: Message = Request::new(id.into(), method.to_owned(), params).into();
        message.write(&mut self.input).expect("a server");
        match Message::read(&mut self.output) {
            Ok(Some(Message::Response(answer))) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Sends bytes as they are.
    fn send(&mut self, bytes: &str) {
        self.input.write_all(bytes.as_bytes()).expect("a server");
    }

    /// Reads an answer that names no request: the code of its error.
    fn refusal(&mut self) -> Option<i64> {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a header");
        let length = line.trim().strip_prefix("Content-Length: ");
        let length: usize = length.and_then(|text| text.parse().ok()).expect("a length");
        self.output.read_line(&mut line).expect("an empty line");
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("a body");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer["id"], Value::Null);
        answer["error"]["code"].as_i64()
    }

    /// Waits for the end, and returns the status.
    fn end(self) -> Option<i32> {
        self.end_with_errors().0
    }

    /// Waits for the end, and returns the status and what is on standard error.
    fn end_with_errors(self) -> (Option<i32>, String) {
        drop(self.input);
        let end = self.server.wait_with_output().expect("an end");
        let errors = String::from_utf8_lossy(&end.stderr).into_owned();
        (end.status.code(), errors)
    }
}

#[test]
fn the_program_serves_its_standard_streams() {
    let mut program = Program::new();
    assert_eq!(
        program
            .ask(2, "shutdown", Value::Null)
            .error
            .map(|error| error.message),
        None
    );
    // Nothing is answered any more, but `exit` is waited for.
    let hover = program.ask(3, "textDocument/hover", json!({}));
    assert_eq!(hover.error.map(|error| error.code), Some(-32600));
    program.tell("exit", Value::Null);
    assert_eq!(program.end(), Some(0));
}

#[test]
fn to_exit_without_asking_is_a_failure() {
    let mut program = Program::new();
    program.tell("exit", Value::Null);
    assert_eq!(program.end(), Some(1));
}

#[test]
fn what_is_no_message_is_answered_and_passed_over() {
    let mut program = Program::start();
    program.send("Content-Length: 1\r\n\r\n{");
    assert_eq!(program.refusal(), Some(-32700));
    let answer = program.ask(1, "initialize", json!({ "capabilities": {} }));
    assert!(answer.error.is_none());
    program.tell("initialized", json!({}));
    program.send("Content-Length: 2\r\n\r\n{}");
    assert_eq!(program.refusal(), Some(-32600));
    assert!(program.ask(2, "shutdown", Value::Null).error.is_none());
    program.tell("exit", Value::Null);
    assert_eq!(program.end_with_errors(), (Some(0), String::new()));
}

#[test]
fn a_message_without_an_end_ends_the_program() {
    for (input, reason) in [
        (
            "Content-Type: x\r\n\r\n",
            "a message has no `Content-Length`",
        ),
        (
            "Content-Length: 99999999999\r\n\r\n",
            "a message has 99999999999 bytes; the limit is 67108864",
        ),
        (
            "Content-Length: 9\r\n\r\n{",
            "the input ends inside of a message",
        ),
    ] {
        for mut program in [Program::start(), Program::new()] {
            program.send(input);
            let error = format!("error: cannot read what the editor sends: {reason}\n");
            assert_eq!(program.end_with_errors(), (Some(1), error));
        }
    }
}
