//! `wrong-type`: a value of another shape than its key wants.

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, ValuePosition};
use crate::source::Span;
use crate::syntax::keys::{self, Table};
use crate::syntax::tree::{Node, Value};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "wrong-type",
    page: r"
Each key takes a string, a list or a mapping.

```yaml
stages:
  app:
    steps: make          # a string, where a list of steps is expected
```

Instead:

```yaml
stages:
  app:
    from: gcc:14
    steps:
      - run: make
```
",
};

/// Reports that a mapping with fixed keys is wanted.
pub fn not_a_mapping(table: &Table, node: &Node, span: Span) -> Diagnostic {
    let place = table.place;
    let error = Diagnostic::error(
        &CODE,
        span,
        format!("{place} must be a mapping, found {}", node.description()),
    );
    let form = match place {
        _ if place == keys::IMAGE.place => Some(ValuePosition::Image),
        _ if place == keys::MOUNT.place => Some(ValuePosition::Mount),
        _ if place == keys::CACHE.place => Some(ValuePosition::CacheBody),
        _ if place == keys::SECRET.place => Some(ValuePosition::SecretBody),
        _ => None,
    };
    if let Some(words) = form.and_then(|form| habits::form(form, node.string()?)) {
        return error.help(words);
    }
    let names: Vec<&str> = table.names().collect();
    error.help(format!("its keys are: {}", names.join(", ")))
}

/// Reports that a mapping with names of the user's choice is wanted.
pub fn not_named(key: &str, node: &Node, span: Span) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!(
            "`{key}` must be a mapping of names to values, found {}",
            node.description()
        ),
    );
    let form = match key {
        "secrets" => Some(ValuePosition::Secrets),
        "caches" => Some(ValuePosition::Caches),
        _ => None,
    };
    let first = match &node.value {
        Value::Sequence(items) => {
            let name = items.first().and_then(name_inside);
            if let Some(name) = name.filter(|_| form.is_none()) {
                return error.help(format!(
                    "each is named by its key: `{name}:`, with its value below that"
                ));
            }
            items.first().and_then(Node::string)
        }
        _ => node.string(),
    };
    match form.and_then(|form| habits::form(form, first?)) {
        Some(words) => error.help(words),
        None => error.help("write `NAME: VALUE`, one per line"),
    }
}

/// Returns the name that a mapping has as one of its keys.
fn name_inside(node: &Node) -> Option<&str> {
    let Value::Mapping(entries) = &node.value else {
        return None;
    };
    let mut entries = entries.iter();
    let name = entries.find(|entry| matches!(entry.key.text.as_str(), "name" | "stage" | "id"))?;
    name.value.string()
}

/// Reports a definition where names are wanted: `caches: { npm: /root/.npm }` of a step.
pub fn definition_in_use(key: &str, name: &str, value: &Node, span: Span) -> Diagnostic {
    let message = format!("`{key}` takes names and long forms here, not a definition of `{name}`");
    let error = Diagnostic::error(&CODE, span, message);
    if key == "caches" && crate::plan::preset::find(name).is_some() {
        return error.help(format!(
            "`{name}` is a preset, which needs none: `caches: [{name}]`"
        ));
    }
    let body = match value.string() {
        Some(path) if path.starts_with('/') => format!("{{ target: {path} }}"),
        _ => "…".to_owned(),
    };
    error.help(format!(
        "define it at the top level, `{key}: {{ {name}: {body} }}`, and write `{key}: [{name}]` here"
    ))
}

/// Reports that a string is wanted.
pub fn not_a_string(key: &str, node: &Node, span: Span) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` must be a string, found {}", node.description()),
    );
    match &node.value {
        Value::Sequence(items) => match items.as_slice() {
            [one] if one.string().is_some_and(is_short) => error.help(format!(
                "write it without brackets: `{key}: {}`",
                one.string().unwrap_or_default()
            )),
            _ => error,
        },
        Value::Mapping(_) => beside(error, key, node),
        Value::Scalar(_) => error,
    }
}

/// Reports that a string or a list of strings is wanted.
pub fn not_strings(key: &str, node: &Node, span: Span) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!(
            "`{key}` must be a string or a list of strings, found {}",
            node.description()
        ),
    );
    beside(error, key, node)
}

/// Tells whether a value is short enough to be repeated in a message.
fn is_short(text: &str) -> bool {
    text.len() <= 40 && !text.contains('\n')
}

/// Says that options of a step stand beside its action, where they are below it.
fn beside(error: Diagnostic, key: &str, node: &Node) -> Diagnostic {
    let Some(table) = keys::ACTIONS.iter().find(|table| table.main() == key) else {
        return error;
    };
    let Value::Mapping(entries) = &node.value else {
        return error;
    };
    let options = entries.iter().map(|entry| entry.key.text.as_str());
    match options.clone().find(|option| table.key(option).is_some()) {
        Some(option) => error.help(format!(
            "options are written next to `{key}`, not below it: `- {key}: …`, and `{option}: …` in the same column as `{key}`"
        )),
        None => error.help(format!("write the value itself: `{key}: {}`", table.keys[0].example)),
    }
}

/// Reports that a list is wanted.
pub fn not_a_list(key: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` must be a list, found {found}"),
    )
    .help("begin each item with `- `")
}

/// Reports that `NAME=value` is wanted.
pub fn not_an_assignment(key: &str, found: &str, span: Span) -> Diagnostic {
    let found = if found == "a string" {
        "a string without `=`"
    } else {
        found
    };
    Diagnostic::error(
        &CODE,
        span,
        format!("an item of `{key}` must be `NAME=VALUE`, found {found}"),
    )
    .help(format!("or write `{key}` as a mapping: `NAME: VALUE`"))
}

/// Reports that a step is wanted.
pub fn not_a_step(node: &Node, span: Span) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!(
            "a step must be a mapping with one action, found {}",
            node.description()
        ),
    );
    match node
        .string()
        .and_then(|text| habits::form(ValuePosition::Step, text))
    {
        Some(words) => error.help(words),
        None => error.help("to run a command, write `- run: COMMAND`"),
    }
}
