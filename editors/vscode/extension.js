// Starts `stagefile lsp`, and connects it with VS Code. There is nothing to install or to build besides.
"use strict";

const vscode = require("vscode");
const { Client } = require("./client.js");

/** How often a server that ends by itself is started again. */
const MOST_STARTS = 3;

let session = null;
let output = null;

function activate(context) {
  output = vscode.window.createOutputChannel("Stagefile");
  context.subscriptions.push(output);
  context.subscriptions.push(vscode.commands.registerCommand("stagefile.restart", restart));
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("stagefile")) {
        return restart();
      }
    }),
  );
  return start();
}

async function deactivate() {
  const old = session;
  session = null;
  await old?.stop();
}

async function restart() {
  await deactivate();
  await start();
}

async function start(starts = 1) {
  const settings = vscode.workspace.getConfiguration("stagefile");
  const languages = settings.get("dockerfiles", true) ? ["stagefile", "dockerfile"] : ["stagefile"];
  const own = new Session(settings.get("path", "stagefile"), languages, (reason) => {
    if (session !== own) {
      return;
    }
    session = null;
    output.appendLine(reason);
    if (own.isReady && starts < MOST_STARTS) {
      return start(starts + 1);
    }
    const advice = "Is the program installed? Its path is the setting stagefile.path.";
    vscode.window.showErrorMessage(`Stagefile: ${reason}. ${advice}`);
  });
  session = own;
  await own.begin();
}

/** A server with what VS Code asks of it. */
class Session {
  constructor(program, languages, ended) {
    this.languages = languages;
    this.subscriptions = [];
    this.isReady = false;
    this.diagnostics = vscode.languages.createDiagnosticCollection("stagefile");
    this.client = new Client(program, ["lsp"], {
      notified: (method, params) => this.notified(method, params),
      ended: (reason, isStopped) => {
        this.forget();
        if (!isStopped) {
          ended(reason);
        }
      },
      log: (text) => output.append(text),
    });
  }

  async begin() {
    const folders = vscode.workspace.workspaceFolders ?? [];
    let answer;
    try {
      answer = await this.client.request("initialize", {
        processId: process.pid,
        capabilities: {},
        rootUri: folders[0] ? folders[0].uri.toString() : null,
        workspaceFolders: folders.map((folder) => ({ uri: folder.uri.toString(), name: folder.name })),
      });
    } catch {
      return;
    }
    this.isReady = true;
    this.client.notify("initialized", {});
    const workspace = vscode.workspace;
    this.subscriptions.push(
      workspace.onDidOpenTextDocument((document) => this.opened(document)),
      workspace.onDidChangeTextDocument((event) => this.changed(event)),
      workspace.onDidSaveTextDocument((document) => this.saved(document)),
      workspace.onDidCloseTextDocument((document) => this.closed(document)),
    );
    workspace.textDocuments.forEach((document) => this.opened(document));
    this.register(answer.capabilities);
  }

  async stop() {
    await this.client.stop();
    this.forget();
  }

  forget() {
    this.subscriptions.splice(0).forEach((one) => one.dispose());
    this.diagnostics.dispose();
  }

  isOurs(document) {
    return this.languages.includes(document.languageId) && document.uri.scheme === "file";
  }

  opened(document) {
    if (this.isOurs(document)) {
      const { languageId, version } = document;
      const textDocument = { uri: document.uri.toString(), languageId, version, text: document.getText() };
      this.client.notify("textDocument/didOpen", { textDocument });
    }
  }

  changed({ document, contentChanges }) {
    if (this.isOurs(document)) {
      this.client.notify("textDocument/didChange", {
        textDocument: { uri: document.uri.toString(), version: document.version },
        contentChanges: contentChanges.map(({ range, text }) => ({ range: plainRange(range), text })),
      });
    }
  }

  saved(document) {
    if (this.isOurs(document)) {
      this.client.notify("textDocument/didSave", { textDocument: { uri: document.uri.toString() } });
    }
  }

  closed(document) {
    if (this.isOurs(document)) {
      this.diagnostics.delete(document.uri);
      this.client.notify("textDocument/didClose", { textDocument: { uri: document.uri.toString() } });
    }
  }

  notified(method, params) {
    if (method === "textDocument/publishDiagnostics") {
      this.diagnostics.set(vscode.Uri.parse(params.uri), params.diagnostics.map(diagnosticOf));
    }
  }

  /** Asks something about a document; a request that fails is one without an answer. */
  async ask(method, document, params, cancellation) {
    const textDocument = { uri: document.uri.toString() };
    try {
      return await this.client.request(`textDocument/${method}`, { textDocument, ...params }, cancellation);
    } catch (error) {
      output.appendLine(`${method}: ${error.message}`);
      return null;
    }
  }

  register(capabilities) {
    const { languages } = vscode;
    const documents = this.languages.map((language) => ({ language, scheme: "file" }));
    const at = (position) => ({ position: plain(position) });
    const keep = (registered) => this.subscriptions.push(registered);
    keep(languages.registerHoverProvider(documents, {
      provideHover: async (document, position, token) => {
        const hover = await this.ask("hover", document, at(position), token);
        return hover && new vscode.Hover(new vscode.MarkdownString(hover.contents.value));
      },
    }));
    keep(languages.registerCompletionItemProvider(documents, {
      provideCompletionItems: async (document, position, token) => {
        const items = await this.ask("completion", document, at(position), token);
        return items?.map(completionOf);
      },
    }, ...(capabilities.completionProvider?.triggerCharacters ?? [])));
    keep(languages.registerDefinitionProvider(documents, {
      provideDefinition: async (document, position, token) => {
        const place = await this.ask("definition", document, at(position), token);
        return place && locationOf(place);
      },
    }));
    keep(languages.registerReferenceProvider(documents, {
      provideReferences: async (document, position, context, token) => {
        const places = await this.ask("references", document, { ...at(position), context }, token);
        return places?.map(locationOf);
      },
    }));
    keep(languages.registerRenameProvider(documents, {
      prepareRename: async (document, position, token) => {
        const range = await this.ask("prepareRename", document, at(position), token);
        if (!range) {
          throw new Error("There is no name here that can be changed.");
        }
        return rangeOf(range);
      },
      provideRenameEdits: async (document, position, newName, token) => {
        const textDocument = { uri: document.uri.toString() };
        // Its reason is shown to the user.
        const params = { textDocument, ...at(position), newName };
        return editOf(await this.client.request("textDocument/rename", params, token));
      },
    }));
    keep(languages.registerCodeActionsProvider(documents, {
      provideCodeActions: async (document, range, context, token) => {
        const only = context.only ? [context.only.value] : undefined;
        const params = { range: plainRange(range), context: { diagnostics: [], only } };
        const actions = await this.ask("codeAction", document, params, token);
        return actions?.map(actionOf);
      },
      resolveCodeAction: async (action) => {
        const resolved = await this.client.request("codeAction/resolve", action.source);
        action.edit = editOf(resolved.edit);
        return action;
      },
    }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.SourceFixAll] }));
    keep(languages.registerDocumentSymbolProvider(documents, {
      provideDocumentSymbols: async (document, token) => {
        const symbols = await this.ask("documentSymbol", document, {}, token);
        return symbols?.map(symbolOf);
      },
    }));
    keep(languages.registerFoldingRangeProvider(documents, {
      provideFoldingRanges: async (document, _, token) => {
        const ranges = await this.ask("foldingRange", document, {}, token);
        return ranges?.map(({ startLine, endLine }) => new vscode.FoldingRange(startLine, endLine));
      },
    }));
    keep(languages.registerDocumentFormattingEditProvider([{ language: "stagefile", scheme: "file" }], {
      provideDocumentFormattingEdits: async (document, options, token) => {
        const edits = await this.ask("formatting", document, { options }, token);
        return edits?.map(textEditOf);
      },
    }));
    const { tokenTypes, tokenModifiers } = capabilities.semanticTokensProvider.legend;
    keep(languages.registerDocumentSemanticTokensProvider(documents, {
      provideDocumentSemanticTokens: async (document, token) => {
        const tokens = await this.ask("semanticTokens/full", document, {}, token);
        return tokens && new vscode.SemanticTokens(Uint32Array.from(tokens.data));
      },
    }, new vscode.SemanticTokensLegend(tokenTypes, tokenModifiers)));
  }
}

const plain = ({ line, character }) => ({ line, character });
const plainRange = ({ start, end }) => ({ start: plain(start), end: plain(end) });
const rangeOf = ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character);
const locationOf = ({ uri, range }) => new vscode.Location(vscode.Uri.parse(uri), rangeOf(range));
const textEditOf = ({ range, newText }) => new vscode.TextEdit(rangeOf(range), newText);

function diagnosticOf(told) {
  // The protocol counts severities from 1, VS Code from 0.
  const diagnostic = new vscode.Diagnostic(rangeOf(told.range), told.message, told.severity - 1);
  const page = told.codeDescription?.href;
  diagnostic.source = told.source;
  diagnostic.code = page ? { value: told.code, target: vscode.Uri.parse(page) } : told.code;
  diagnostic.relatedInformation = (told.relatedInformation ?? []).map(
    ({ location, message }) => new vscode.DiagnosticRelatedInformation(locationOf(location), message),
  );
  return diagnostic;
}

function completionOf(told) {
  const item = new vscode.CompletionItem(told.label, told.kind - 1);
  item.detail = told.detail;
  item.documentation = told.documentation && new vscode.MarkdownString(told.documentation.value);
  item.insertText = told.textEdit.newText;
  item.range = rangeOf(told.textEdit.range);
  return item;
}

function editOf(told) {
  const edit = new vscode.WorkspaceEdit();
  for (const [uri, edits] of Object.entries(told?.changes ?? {})) {
    edit.set(vscode.Uri.parse(uri), edits.map(textEditOf));
  }
  return edit;
}

function actionOf(told) {
  const kinds = { quickfix: vscode.CodeActionKind.QuickFix, "source.fixAll": vscode.CodeActionKind.SourceFixAll };
  const action = new vscode.CodeAction(told.title, kinds[told.kind]);
  action.isPreferred = told.isPreferred;
  action.source = told;
  if (told.edit) {
    action.edit = editOf(told.edit);
  }
  return action;
}

function symbolOf(told) {
  const { name, detail, kind, range, selectionRange, children } = told;
  const symbol = new vscode.DocumentSymbol(name, detail ?? "", kind - 1, rangeOf(range), rangeOf(selectionRange));
  symbol.children = (children ?? []).map(symbolOf);
  return symbol;
}

module.exports = { activate, deactivate };
