//! A test editor with a folder, and helpers for answers.

use std::fs;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use stagefile::lsp::End;

/// An editor with a folder.
pub(crate) struct Editor {
    connection: Connection,
    server: Option<JoinHandle<End>>,
    folder: tempfile::TempDir,
    next: i32,
}

pub(crate) const FILE: &str = "\
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

pub(crate) const SHARED: &str = "\
stages:
  tools:
    description: Go with tools
    from: golang:1.22
  more:
    from: tools
";

impl Editor {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path())
            .expect("a path")
            .join(name)
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    pub(crate) fn tell(&self, method: &str, params: Value) {
        let message = Notification {
            method: method.to_owned(),
            params,
        };
        self.connection
            .sender
            .send(message.into())
            .expect("a server");
    }

    pub(crate) fn respond(&mut self, method: &str, params: Value) -> Response {
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

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.respond(method, params);
        assert!(response.error.is_none(), "{method}: {:?}", response.error);
        response.result.unwrap_or_default()
    }

    pub(crate) fn open(&self, name: &str, text: &str) {
        self.open_at(&self.uri(name), text);
    }

    pub(crate) fn open_at(&self, uri: &str, text: &str) {
        self.tell(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "stagefile", "version": 1, "text": text } }),
        );
    }

    /// Lists the corrections of a whole file.
    pub(crate) fn corrections(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
        let found = self.ask("textDocument/codeAction", params);
        found.as_array().cloned().unwrap_or_default()
    }

    /// Waits for the diagnostics of a file.
    pub(crate) fn found(&self, name: &str) -> Vec<Value> {
        self.found_at(&self.uri(name))
    }

    pub(crate) fn found_at(&self, uri: &str) -> Vec<Value> {
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

    /// Sends a request about the position of a `^` in a string.
    #[expect(clippy::needless_pass_by_value, reason = "callers write it there")]
    pub(crate) fn at(
        &mut self,
        method: &str,
        name: &str,
        text: &str,
        marked: &str,
        more: Value,
    ) -> Value {
        let mut params =
            json!({ "textDocument": { "uri": self.uri(name) }, "position": place(text, marked) });
        for (key, value) in more.as_object().into_iter().flatten() {
            params[key] = value.clone();
        }
        self.ask(method, params)
    }

    /// Opens a file with a `^`, and lists the completions there.
    pub(crate) fn completions(&mut self, text: &str) -> Vec<String> {
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

/// Returns the editor position of a string in another, or of the `^` in it.
pub(crate) fn place(text: &str, marked: &str) -> Value {
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
pub(crate) fn slice(text: &str, range: &Value) -> String {
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

/// Applies the changes of an edit to a file.
pub(crate) fn applied(text: &str, edits: &Value) -> String {
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

pub(crate) fn editor() -> Editor {
    let editor = Editor::new(&[("Stagefile", FILE), ("shared/ci.stagefile.yaml", SHARED)]);
    editor.open("Stagefile", FILE);
    editor
}
