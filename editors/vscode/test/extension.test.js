// The extension with the server, and a stand-in for VS Code. `STAGEFILE` names the program; without it, that of a debug build.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

const root = path.join(__dirname, "../../..");
const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");
const program = process.env.STAGEFILE
  ?? [target, path.join(target, process.env.CARGO_BUILD_TARGET ?? "")].map((folder) => path.join(folder, "debug/stagefile")).find(fs.existsSync);

/** As much of VS Code as the extension uses. */
function standIn(settings) {
  const state = { providers: {}, found: new Map(), errors: [], commands: {}, log: "", listeners: {}, documents: [] };
  const disposable = () => ({ dispose() {} });
  const class_ = (...names) => class { constructor(...values) { names.forEach((name, at) => { this[name] = values[at]; }); } };
  const listen = (name) => (listener) => { state.listeners[name] = listener; return disposable(); };
  const register = (name) => (_, provider) => { state.providers[name] = provider; return disposable(); };
  class Uri {
    static parse(text) { return Object.assign(new Uri(), { text, scheme: text.split(":")[0] }); }
    toString() { return this.text; }
  }
  class Range {
    constructor(line, character, endLine, endCharacter) {
      this.start = { line, character };
      this.end = { line: endLine, character: endCharacter };
    }
  }
  class WorkspaceEdit {
    changes = new Map();
    set(uri, edits) { this.changes.set(uri.toString(), edits); }
  }
  const names = ["Hover", "CompletionItem", "Definition", "Reference", "Rename", "CodeActions", "DocumentSymbol", "FoldingRange", "DocumentFormattingEdit", "DocumentSemanticTokens"];
  const languages = Object.fromEntries(names.map((name) => [`register${name}Provider`, register(name)]));
  languages.createDiagnosticCollection = () => ({
    set: (uri, all) => { state.found.set(uri.toString(), all); state.told?.(); },
    delete: (uri) => state.found.delete(uri.toString()),
    dispose: () => state.found.clear(),
  });
  const vscode = {
    Uri, Range, WorkspaceEdit, languages,
    Hover: class_("contents"), MarkdownString: class_("value"), CompletionItem: class_("label", "kind"),
    Location: class_("uri", "range"), TextEdit: class_("range", "newText"), Diagnostic: class_("range", "message", "severity"),
    DiagnosticRelatedInformation: class_("location", "message"), CodeAction: class_("title", "kind"),
    DocumentSymbol: class_("name", "detail", "kind", "range", "selectionRange"), FoldingRange: class_("start", "end"),
    SemanticTokens: class_("data"), SemanticTokensLegend: class_("types", "modifiers"),
    CodeActionKind: { QuickFix: { value: "quickfix" }, SourceFixAll: { value: "source.fixAll" } },
    window: {
      createOutputChannel: () => ({ append: (text) => { state.log += text; }, appendLine: (text) => { state.log += `${text}\n`; }, dispose() {} }),
      showErrorMessage: (text) => { state.errors.push(text); state.told?.(); },
    },
    commands: { registerCommand: (name, run) => { state.commands[name] = run; return disposable(); } },
    workspace: {
      get textDocuments() { return state.documents; },
      workspaceFolders: undefined,
      getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise }),
      onDidChangeConfiguration: listen("configuration"),
      onDidOpenTextDocument: listen("open"),
      onDidChangeTextDocument: listen("change"),
      onDidSaveTextDocument: listen("save"),
      onDidCloseTextDocument: listen("close"),
    },
  };
  return { vscode, state };
}

/** Loads the extension with a stand-in. */
function load(settings) {
  const { vscode, state } = standIn(settings);
  const original = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : original(name, ...rest));
  try {
    for (const file of ["../extension.js", "../client.js"]) {
      delete require.cache[require.resolve(file)];
    }
    return { extension: require("../extension.js"), vscode, state };
  } finally {
    Module._load = original;
  }
}

function document(vscode, languageId, name, text) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stagefile-"));
  const uri = vscode.Uri.parse(`file://${fs.realpathSync(folder)}/${name}`);
  return { languageId, version: 1, uri, text, getText() { return this.text; } };
}

/** Waits until something is told. */
function until(state, condition) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing was told: ${state.log}`)), 20000);
    state.told = () => {
      if (condition()) {
        clearTimeout(late);
        resolve();
      }
    };
    state.told();
  });
}

test("a file is served from its first letter to its last", async (t) => {
  assert.ok(program, "build the program first: cargo build --package stagefile");
  const { extension, vscode, state } = load({ path: program });
  // A server that goes on running would keep the tests from ending.
  t.after(() => extension.deactivate());
  const text = "stages:\n  build:\n    form: debian:12\n  app:\n    from: build\n    steps:\n      - run: echo ${{ platform.target.os }}\n";
  const file = document(vscode, "stagefile", "Stagefile", text);
  state.documents.push(file);
  await extension.activate({ subscriptions: [] });
  const uri = file.uri.toString();
  await until(state, () => state.found.has(uri));
  const [first] = state.found.get(uri);
  assert.deepStrictEqual([first.code, first.severity, first.source], ["unknown-key", 0, "stagefile"]);
  assert.deepStrictEqual(first.range.start, { line: 2, character: 4 });

  const ask = (name, method, ...more) => state.providers[name][method](file, ...more);
  const actions = await ask("CodeActions", "provideCodeActions", first.range, {});
  assert.strictEqual(actions[0].title, "Write `from`");
  assert.strictEqual(actions[0].edit.changes.get(uri)[0].newText, "from");
  const all = await state.providers.CodeActions.resolveCodeAction(actions[1]);
  assert.strictEqual(all.edit.changes.get(uri).length, 1);

  const use = { line: 4, character: 12 };
  assert.match((await ask("Hover", "provideHover", use)).contents.value, /the stage `build`/);
  assert.deepStrictEqual((await ask("Definition", "provideDefinition", use)).range.start, { line: 1, character: 2 });
  assert.strictEqual((await ask("Reference", "provideReferences", use, { includeDeclaration: true })).length, 2);
  assert.deepStrictEqual((await ask("Rename", "prepareRename", use)).start, { line: 4, character: 10 });
  assert.strictEqual((await ask("Rename", "provideRenameEdits", use, "compile")).changes.get(uri).length, 2);
  await assert.rejects(ask("Rename", "provideRenameEdits", use, "a b"), /can't be the name/);
  await assert.rejects(ask("Rename", "prepareRename", { line: 0, character: 0 }), /no name/);
  const items = await ask("CompletionItem", "provideCompletionItems", use);
  assert.ok(items.some((item) => item.label === "scratch" && item.insertText === "scratch"));
  const symbols = await ask("DocumentSymbol", "provideDocumentSymbols");
  assert.deepStrictEqual(symbols[0].children.map((one) => one.name), ["build", "app"]);
  assert.ok((await ask("FoldingRange", "provideFoldingRanges", {})).length > 1);
  assert.deepStrictEqual(await ask("DocumentFormattingEdit", "provideDocumentFormattingEdits", { tabSize: 2, insertSpaces: true }), []);
  assert.ok((await ask("DocumentSemanticTokens", "provideDocumentSemanticTokens")).data.length >= 25);

  // The change that puts it right.
  state.found.clear();
  file.version = 2;
  const range = new vscode.Range(2, 4, 2, 8);
  state.listeners.change({ document: file, contentChanges: [{ range, text: "from" }] });
  await until(state, () => state.found.get(uri)?.length === 0);
  state.listeners.save(file);
  state.listeners.close(file);
  await state.commands["stagefile.restart"]();
  await extension.deactivate();
  assert.deepStrictEqual(state.errors, []);
});

test("Dockerfiles are served unless a setting says otherwise", async () => {
  for (const dockerfiles of [true, false]) {
    const { extension, vscode, state } = load({ path: program, dockerfiles });
    const file = document(vscode, "dockerfile", "Dockerfile", "FROM alpine:3.20 as x\n");
    state.documents.push(file);
    const own = document(vscode, "stagefile", "Stagefile", "stages: { app: { from: 'x:1' } }\n");
    state.documents.push(own);
    await extension.activate({ subscriptions: [] });
    await until(state, () => state.found.has(own.uri.toString()) && (!dockerfiles || state.found.has(file.uri.toString())));
    const found = state.found.get(file.uri.toString());
    assert.strictEqual(found?.[0].code.value, dockerfiles ? "FromAsCasing" : undefined);
    await extension.deactivate();
  }
});

test("a program that isn't there is told once", async () => {
  const { extension, state } = load({ path: "/nowhere/stagefile" });
  await extension.activate({ subscriptions: [] });
  await until(state, () => state.errors.length > 0);
  assert.strictEqual(state.errors.length, 1);
  assert.match(state.errors[0], /can't start \/nowhere\/stagefile.*stagefile\.path/);
  await extension.deactivate();
});

test("what the package names is there", () => {
  const folder = path.join(__dirname, "..");
  const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
  const manifest = read("package.json");
  for (const name of manifest.files) {
    assert.ok(fs.existsSync(path.join(folder, name)), name);
  }
  read(manifest.contributes.languages[0].configuration);
  const grammar = read(manifest.contributes.grammars[0].path);
  assert.strictEqual(grammar.scopeName, manifest.contributes.grammars[0].scopeName);
  // A rule that is included has to be there.
  const names = JSON.stringify(grammar).match(/"#[a-z]+"/g).map((name) => name.slice(2, -1));
  assert.deepStrictEqual(names.filter((name) => !(name in grammar.repository)), []);
});
