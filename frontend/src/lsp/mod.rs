//! `lsp`: a language server, for Stagefiles and Dockerfiles.
//!
//! Each kind of request has a file of its own, and is answered from a [`Document`](document::Document): the text as the
//! editor has it, its structure as far as it can be read, and its names. Lines alone tell where the cursor is in the
//! structure ([`context`]), so completion works while a file is being written. Problems are found by the same code as
//! in `check`, once the editor pauses.

mod actions;
mod completion;
mod context;
mod diagnostics;
mod dockerfile;
mod document;
mod folding;
mod formatting;
mod frames;
mod hover;
mod instructions;
mod names;
mod navigation;
mod rename;
mod shapes;
mod sites;
mod symbols;
mod text;
mod tokens;
mod workspace;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    FoldingRangeProviderCapability, HoverProviderCapability, OneOf, PublishDiagnosticsParams,
    RenameOptions, SemanticTokensFullOptions, SemanticTokensOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind,
};
use serde_json::Value;
use workspace::Workspace;

use crate::error::AnyError;

/// How long the editor must be idle before files are checked.
const PAUSE: Duration = Duration::from_millis(150);

/// Serves an editor over standard input and output, until it disconnects.
pub(crate) fn serve() -> Result<ExitCode, AnyError> {
    let (connection, threads) = frames::stdio();
    let end = run(&connection);
    drop(connection);
    // The reason why the connection ended is the more useful error.
    threads.join()?;
    Ok(match end? {
        End::Agreed => ExitCode::SUCCESS,
        End::Sudden => ExitCode::FAILURE,
    })
}

/// How an editor ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a request to shut down, or by closing the connection.
    Agreed,
    /// With `exit` alone, for which the protocol demands another exit code.
    Sudden,
}

/// Serves an editor over a connection.
pub fn run(connection: &Connection) -> Result<End, AnyError> {
    let (id, given) = connection.initialize_start()?;
    let mut workspace = Workspace::new(&serde_json::from_value(given).unwrap_or_default());
    let welcome = serde_json::json!({
        "capabilities": capabilities(),
        "serverInfo": { "name": "stagefile", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, welcome)?;
    let mut is_down = false;
    loop {
        let message = if is_down || workspace.is_checked() {
            connection.receiver.recv().ok()
        } else {
            match connection.receiver.recv_timeout(PAUSE) {
                Ok(message) => Some(message),
                Err(error) if error.is_timeout() => {
                    check(connection, &mut workspace)?;
                    continue;
                }
                Err(_) => None,
            }
        };
        match message {
            None => return Ok(End::Agreed),
            Some(Message::Request(request)) => {
                let id = request.id.clone();
                if is_down {
                    let text = "the server was asked to shut down".to_owned();
                    let refused = Response::new_err(id, ErrorCode::InvalidRequest as i32, text);
                    connection.sender.send(refused.into())?;
                    continue;
                }
                if request.method == "shutdown" {
                    is_down = true;
                    connection.sender.send(Response::new_ok(id, ()).into())?;
                    continue;
                }
                // A panic in one request mustn't end the server.
                let done = catch_unwind(AssertUnwindSafe(|| answer(&mut workspace, request)));
                let done = done.unwrap_or_else(|_| {
                    let text = "this request went wrong inside of stagefile".to_owned();
                    Response::new_err(id, ErrorCode::InternalError as i32, text)
                });
                connection.sender.send(done.into())?;
            }
            Some(Message::Notification(notification)) => {
                if notification.method == "exit" {
                    return Ok(if is_down { End::Agreed } else { End::Sudden });
                }
                let told = catch_unwind(AssertUnwindSafe(|| learn(&mut workspace, notification)));
                if let Ok(Some(found)) = told {
                    publish(connection, found)?;
                }
            }
            Some(Message::Response(_)) => {}
        }
    }
}

/// Checks one file that has changed, and sends the findings to the editor.
fn check(connection: &Connection, workspace: &mut Workspace) -> Result<(), AnyError> {
    let Some(uri) = workspace.next_unchecked() else {
        return Ok(());
    };
    let found = catch_unwind(AssertUnwindSafe(|| diagnostics::find(workspace, &uri)));
    let found = found.unwrap_or_else(|_| {
        let reason = "this went wrong inside of stagefile";
        let document = workspace.get_mut(&uri);
        document.map(|document| diagnostics::failed(document, reason))
    });
    if let Some(found) = found {
        publish(connection, found)?;
    }
    Ok(())
}

/// Sends the findings about a file to the editor.
fn publish(connection: &Connection, found: PublishDiagnosticsParams) -> Result<(), AnyError> {
    let method = "textDocument/publishDiagnostics".to_owned();
    connection
        .sender
        .send(Notification::new(method, found).into())?;
    Ok(())
}

/// Returns what this server can do.
fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(
            TextDocumentSyncKind::INCREMENTAL,
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([" ", ".", ":", "[", "{", ","].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp_types::WorkDoneProgressOptions::default(),
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::SOURCE_FIX_ALL,
            ]),
            resolve_provider: Some(true),
            work_done_progress_options: lsp_types::WorkDoneProgressOptions::default(),
        })),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        semantic_tokens_provider: Some(
            SemanticTokensOptions {
                legend: tokens::legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            }
            .into(),
        ),
        ..ServerCapabilities::default()
    }
}

/// Answers a request.
fn answer(workspace: &mut Workspace, request: Request) -> Response {
    let Request { id, method, params } = request;
    let done = match method.as_str() {
        "textDocument/hover" => reply(params, |given| hover::hover(workspace, &given)),
        "textDocument/completion" => reply(params, |given| completion::complete(workspace, &given)),
        "textDocument/definition" => {
            reply(params, |given| navigation::definition(workspace, &given))
        }
        "textDocument/references" => {
            reply(params, |given| navigation::references(workspace, &given))
        }
        "textDocument/prepareRename" => reply(params, |given| rename::prepare(workspace, &given)),
        "textDocument/rename" => match serde_json::from_value(params) {
            Ok(given) => match rename::rename(workspace, &given) {
                Ok(edit) => serde_json::to_value(edit).map_err(|error| error.to_string()),
                Err(reason) => {
                    return Response::new_err(id, ErrorCode::RequestFailed as i32, reason);
                }
            },
            Err(error) => Err(error.to_string()),
        },
        "textDocument/codeAction" => {
            reply(params, |given| Some(actions::actions(workspace, &given)))
        }
        "codeAction/resolve" => reply(params, |given| Some(actions::resolve(workspace, given))),
        "textDocument/documentSymbol" => reply(params, |given| symbols::symbols(workspace, &given)),
        "textDocument/formatting" => reply(params, |given| formatting::format(workspace, &given)),
        "textDocument/foldingRange" => reply(params, |given| folding::fold(workspace, &given)),
        "textDocument/semanticTokens/full" => {
            reply(params, |given| tokens::tokens(workspace, &given))
        }
        _ => {
            let text = format!("there is no request {method}");
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, text);
        }
    };
    match done {
        Ok(value) => Response::new_ok(id, value),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error),
    }
}

/// Reads a request's parameters, and writes the answer.
fn reply<P: serde::de::DeserializeOwned, R: serde::Serialize>(
    given: Value,
    answer: impl FnOnce(P) -> Option<R>,
) -> Result<Value, String> {
    let given = serde_json::from_value(given).map_err(|error| error.to_string())?;
    serde_json::to_value(answer(given)).map_err(|error| error.to_string())
}

/// Handles a notification. The diagnostics of a file that the editor closes are cleared.
fn learn(
    workspace: &mut Workspace,
    notification: Notification,
) -> Option<PublishDiagnosticsParams> {
    let Notification { method, params } = notification;
    match method.as_str() {
        "textDocument/didOpen" => {
            if let Ok(given) =
                serde_json::from_value::<lsp_types::DidOpenTextDocumentParams>(params)
            {
                let document = given.text_document;
                workspace.open(document.uri, document.version, document.text);
            }
        }
        "textDocument/didChange" => {
            if let Ok(given) = serde_json::from_value(params) {
                workspace.change(given);
            }
        }
        "textDocument/didSave" | "workspace/didChangeWatchedFiles" => workspace.check_all(),
        "textDocument/didClose" => {
            if let Ok(given) =
                serde_json::from_value::<lsp_types::DidCloseTextDocumentParams>(params)
            {
                let uri = given.text_document.uri;
                workspace.close(&uri);
                return Some(PublishDiagnosticsParams::new(uri, Vec::new(), None));
            }
        }
        _ => {}
    }
    None
}
