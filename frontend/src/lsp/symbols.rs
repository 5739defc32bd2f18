//! The outline of a file: its definitions, and the steps of its stages.

use lsp_types::{DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, SymbolKind};
use stagefile_language::syntax::keys::ActionKind;
use stagefile_language::syntax::tree::{Entry, Node, Value};

use super::document::Document;
use super::names::{child, entries};
use super::workspace::Workspace;

/// The maximum number of symbols in a file's outline.
const MAX_SYMBOLS: usize = 20_000;
/// The maximum number of characters shown of a script.
const SHOWN: usize = 60;

/// Lists the symbols of a file.
pub(super) fn symbols(
    workspace: &Workspace,
    given: &DocumentSymbolParams,
) -> Option<DocumentSymbolResponse> {
    let document = workspace.get(&given.text_document.uri)?;
    if document.is_dockerfile {
        let stages = document.sites().iter().filter(|site| site.is_definition);
        let stages = stages.map(|site| {
            let name = &document.text.as_str()[site.range.clone()];
            symbol(
                document,
                name,
                SymbolKind::CLASS,
                site.whole.start..site.whole.end,
                site.range.clone(),
            )
        });
        return Some(stages.collect::<Vec<_>>().into());
    }
    let mut outline = Outline {
        document,
        left: MAX_SYMBOLS,
    };
    let root = document.root()?;
    let found: Vec<_> = entries(root)
        .iter()
        .filter_map(|entry| outline.top(entry))
        .collect();
    Some(found.into())
}

struct Outline<'a> {
    document: &'a Document,
    left: usize,
}

impl Outline<'_> {
    fn top(&mut self, entry: &Entry) -> Option<DocumentSymbol> {
        let kind = match entry.key.text.as_str() {
            "stages" => SymbolKind::CLASS,
            "templates" => SymbolKind::INTERFACE,
            "args" => SymbolKind::VARIABLE,
            "imports" => SymbolKind::MODULE,
            "secrets" => SymbolKind::KEY,
            _ => SymbolKind::PROPERTY,
        };
        let mut top = self.entry(entry, SymbolKind::NAMESPACE)?;
        let named = matches!(
            entry.key.text.as_str(),
            "stages" | "templates" | "args" | "imports" | "secrets" | "caches"
        );
        if named {
            let children = entries(&entry.value).iter().filter_map(|one| {
                let mut symbol = self.entry(one, kind)?;
                symbol.detail = child(&one.value, "description")
                    .and_then(Node::string)
                    .map(str::to_owned);
                let steps = child(&one.value, "steps").map(|steps| self.steps(steps));
                symbol.children = steps.filter(|steps| !steps.is_empty());
                Some(symbol)
            });
            top.children = Some(children.collect());
        }
        Some(top)
    }

    fn entry(&mut self, entry: &Entry, kind: SymbolKind) -> Option<DocumentSymbol> {
        self.left = self.left.checked_sub(1)?;
        let name = entry.key.span.start..entry.key.span.end;
        let end = entry.value.span.end.max(name.end);
        Some(symbol(
            self.document,
            &entry.key.text,
            kind,
            name.start..end,
            name,
        ))
    }

    fn steps(&mut self, steps: &Node) -> Vec<DocumentSymbol> {
        let Value::Sequence(items) = &steps.value else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items.iter() {
            let action = entries(item)
                .iter()
                .find(|entry| ActionKind::from_key(&entry.key.text).is_some());
            let Some(action) = action.filter(|_| self.left > 0) else {
                continue;
            };
            self.left -= 1;
            let name = child(item, "name").and_then(Node::string);
            let what = name.map_or_else(|| summary(action), str::to_owned);
            let what: String = what.chars().take(SHOWN).collect();
            let range = item.span.start..item.span.end.max(action.key.span.end);
            found.push(symbol(
                self.document,
                &format!("{}: {what}", action.key.text),
                SymbolKind::METHOD,
                range,
                action.key.span.start..action.key.span.end,
            ));
        }
        found
    }
}

/// Shows the first line of an action's value.
fn summary(action: &Entry) -> String {
    match &action.value.value {
        Value::Scalar(scalar) => scalar.text.lines().next().unwrap_or_default().to_owned(),
        Value::Sequence(items) => {
            let words = items.iter().take(8).filter_map(Node::string);
            words.collect::<Vec<_>>().join(" ")
        }
        Value::Mapping(_) => String::new(),
    }
}

fn symbol(
    document: &Document,
    name: &str,
    kind: SymbolKind,
    whole: std::ops::Range<usize>,
    own: std::ops::Range<usize>,
) -> DocumentSymbol {
    #[expect(deprecated, reason = "the type has a field that is")]
    DocumentSymbol {
        // Editors refuse an empty one.
        name: if name.is_empty() {
            "(unnamed)".to_owned()
        } else {
            name.to_owned()
        },
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range: document
            .text
            .range(whole.start.min(own.start), whole.end.max(own.end)),
        selection_range: document.text.range(own.start, own.end),
        children: None,
    }
}
