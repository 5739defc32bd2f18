//! Tests of the program itself, on its standard streams.

use std::io::{BufRead as _, Read as _, Write as _};

use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};

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

    /// Reads an answer without a request ID; returns its error code.
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

    /// Waits for the program to end, and returns its exit code.
    fn end(self) -> Option<i32> {
        self.end_with_errors().0
    }

    /// Waits for the program to end, and returns its exit code and standard error.
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
    // Requests are no longer answered, but the server waits for `exit`.
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
