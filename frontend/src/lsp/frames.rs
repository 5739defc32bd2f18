//! The protocol's messages on standard input and output.
//!
//! `lsp_server::Connection::stdio` ends at the first message that it can't read. Here, a body that isn't a message is
//! answered with a JSON-RPC error, and the next message is read. Only the end of each message has to be clear.

use std::io::{self, BufRead, Read as _, Write};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use lsp_server::{Connection, ErrorCode, Message};
use serde_json::{Value, json};

use crate::error::{AnyError, ResultExt as _};

/// The maximum size of a message's headers, in bytes.
const MAX_HEADERS: u64 = 8 << 10;

/// The maximum size of a message's body, in bytes.
const MAX_BODY: u64 = 64 << 20;

/// The threads that read and write for a connection.
pub(super) struct Threads {
    /// Why reading has ended, unless the editor has closed the connection.
    failure: mpsc::Receiver<AnyError>,
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until everything is written. The connection has to be dropped first.
    pub(super) fn join(self) -> Result<(), AnyError> {
        match self.writer.join() {
            Ok(written) => written?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        self.failure.try_recv().map_or(Ok(()), Err)
    }
}

/// Connects to the editor that has started this program.
pub(super) fn stdio() -> (Connection, Threads) {
    // A message waits until the server takes it, so that an editor can't fill the memory.
    let (incoming, receiver) = bounded(0);
    let (sender, outgoing) = bounded::<Message>(0);
    let (failed, failure) = mpsc::channel();
    thread::spawn(move || {
        if let Err(error) = forward(&mut io::stdin().lock(), &mut io::stdout(), &incoming) {
            // Sent before `incoming` is dropped, which ends the server.
            _ = failed.send(error);
        }
    });
    let writer = thread::spawn(move || {
        let mut messages = outgoing.into_iter();
        messages.try_for_each(|message| message.write(&mut io::stdout().lock()))
    });
    (Connection { sender, receiver }, Threads { failure, writer })
}

/// Hands messages to the server until the input ends, the editor sends `exit`, or the server is gone. Answers bodies
/// that aren't messages with an error.
fn forward(
    input: &mut impl BufRead,
    output: &mut impl Write,
    messages: &Sender<Message>,
) -> Result<(), AnyError> {
    let failed = || "cannot read what the editor sends".to_owned();
    while let Some(body) = read(input).or_message(failed)? {
        match parse(&body) {
            Ok(message) => {
                let is_exit =
                    matches!(&message, Message::Notification(told) if told.method == "exit");
                if messages.send(message).is_err() || is_exit {
                    break;
                }
            }
            Err((code, reason)) => {
                // `lsp_server::Response` can't have `null` as its ID.
                let answer = json!({
                    "jsonrpc": "2.0",
                    "id": null,
                    "error": { "code": code as i32, "message": reason },
                })
                .to_string();
                // In one call, so that the other thread's output doesn't end up in the middle.
                write!(output, "Content-Length: {}\r\n\r\n{answer}", answer.len())?;
                output.flush()?;
            }
        }
    }
    Ok(())
}

/// Reads a message's headers and body, and returns the body; `None` at the end of the input.
fn read(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, AnyError> {
    const ENDED: &str = "the input ends inside of a message";

    let mut headers = input.take(MAX_HEADERS);
    let mut length: Option<u64> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        headers.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return match headers.limit() {
                MAX_HEADERS => Ok(None),
                0 => Err(format!("the headers of a message are beyond {MAX_HEADERS} bytes").into()),
                _ => Err(ENDED.into()),
            };
        }
        let header = String::from_utf8_lossy(line.trim_ascii());
        if header.is_empty() {
            break;
        }
        let (name, value) = header
            .split_once(':')
            .ok_or("a header of a message has no `:`")?;
        if name.eq_ignore_ascii_case("Content-Length") {
            let value = value.trim_ascii().parse();
            length =
                Some(value.map_err(|_| "`Content-Length` of a message is no number of bytes")?);
        }
    }
    let length = length.ok_or("a message has no `Content-Length`")?;
    if length > MAX_BODY {
        return Err(format!("a message has {length} bytes; the limit is {MAX_BODY}").into());
    }
    // Memory is taken as bytes arrive, not by the announced length.
    let mut body = Vec::new();
    let taken = input.take(length).read_to_end(&mut body)?;
    if taken as u64 == length {
        Ok(Some(body))
    } else {
        Err(ENDED.into())
    }
}

/// Parses a body; returns a JSON-RPC error if it isn't a message.
fn parse(body: &[u8]) -> Result<Message, (ErrorCode, String)> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| (ErrorCode::ParseError, format!("this is not JSON: {error}")))?;
    let has_id = value.get("id").is_some();
    let message = value.is_object().then(|| serde_json::from_value(value));
    match message {
        // With an invalid ID, it is still a request, whose sender would wait for an answer.
        Some(Ok(Message::Notification(_))) if has_id => {}
        Some(Ok(message)) => return Ok(message),
        _ => {}
    }
    let reason = "this is no request, notification or response of JSON-RPC";
    Err((ErrorCode::InvalidRequest, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an input to its end: the methods of its messages, the answers, and why it ends early.
    fn forwarded(input: &[u8]) -> (Vec<String>, String, Option<String>) {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let mut output = Vec::new();
        let end = forward(&mut &*input, &mut output, &sender);
        drop(sender);
        let methods = receiver.into_iter().map(|message| match message {
            Message::Request(request) => request.method,
            Message::Notification(notification) => notification.method,
            Message::Response(response) => response.id.to_string(),
        });
        let output = String::from_utf8(output).expect("UTF-8");
        let error = end.err().map(|error| error.to_string());
        (methods.collect(), output, error)
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn bodies_that_are_no_messages_are_answered() {
        let good = frame(r#"{"jsonrpc":"2.0","method":"$/good"}"#);
        for (body, code) in [
            ("", -32700),
            ("{", -32700),
            ("{} {}", -32700),
            (&*"[".repeat(100_000), -32700),
            ("7", -32600),
            ("{}", -32600),
            (r#"["exit"]"#, -32600),
            (r#"[{"id":1,"method":"shutdown"}]"#, -32600),
            (r#"{"id":1.5,"method":"shutdown"}"#, -32600),
            (r#"{"id":null,"method":"shutdown"}"#, -32600),
            (r#"{"method":7}"#, -32600),
        ] {
            let input = format!("{}{good}", frame(body));
            let (methods, output, error) = forwarded(input.as_bytes());
            assert_eq!(methods, ["$/good"], "{body:.40}");
            assert_eq!(error, None, "{body:.40}");
            let (header, answer) = output.split_once("\r\n\r\n").expect("a frame");
            assert_eq!(header, format!("Content-Length: {}", answer.len()));
            let answer: Value = serde_json::from_str(answer).expect("JSON");
            assert_eq!(answer["error"]["code"], code, "{body:.40}");
            assert_eq!(answer["id"], Value::Null);
        }
        let not_text = [b"Content-Length: 2\r\n\r\n\"\xff", good.as_bytes()].concat();
        let (methods, output, _) = forwarded(&not_text);
        assert_eq!(methods, ["$/good"]);
        assert!(output.contains("-32700"), "{output}");
    }

    #[test]
    fn messages_are_read_as_clients_write_them() {
        let input = "content-length:28\r\nContent-Type: application/vscode-jsonrpc\r\n\r\n\
             {\"id\":\"a\",\"method\":\"first\"}\n\
             Content-Length: 17\n\n{\"id\":1,\"result\":null}";
        let input = input.replace("17", "22");
        let (methods, output, error) = forwarded(input.as_bytes());
        assert_eq!((methods, error), (vec!["first".into(), "1".into()], None));
        assert_eq!(output, "");
        // Nothing is read after `exit`.
        let input = [&frame(r#"{"method":"exit"}"#), "nonsense\r\n"].concat();
        let (methods, _, error) = forwarded(input.as_bytes());
        assert_eq!((methods, error), (vec!["exit".into()], None));
    }

    #[test]
    fn where_a_message_ends_has_to_be_clear() {
        let long = format!("X: {}", "x".repeat(10_000));
        for (input, expected) in [
            ("\r\n{}", "a message has no `Content-Length`"),
            ("Content-Type: x\r\n\r\n{}", "has no `Content-Length`"),
            ("Content-Length: two\r\n\r\n{}", "no number of bytes"),
            ("Content-Length: -2\r\n\r\n{}", "no number of bytes"),
            ("hello\r\n", "has no `:`"),
            ("Content-Length: 67108865\r\n\r\n", "the limit is 67108864"),
            ("Content-Length: 67108864\r\n\r\n{}", "ends inside"),
            ("Content-Length: 9\r\n\r\n{}", "ends inside"),
            ("Content-Length: 9\r\n", "ends inside"),
            ("Content-Len", "ends inside"),
            (&*long, "beyond 8192 bytes"),
        ] {
            let (methods, output, error) = forwarded(input.as_bytes());
            assert!(methods.is_empty() && output.is_empty(), "{input:.40}");
            let error = error.unwrap_or_default();
            assert!(error.contains(expected), "{input:.40}: {error}");
        }
        assert_eq!(forwarded(b""), (Vec::new(), String::new(), None));
    }
}
