//! `wrong-type`: a value of another shape than its key wants.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "wrong-type",
    page: r"
Each key wants a text, a list or a mapping.

```yaml
stages:
  app:
    steps: make          # a text, where a list of steps is wanted
```

Instead:

```yaml
stages:
  app:
    steps:
      - run: make
```
",
};

/// Reports that a mapping with fixed keys is wanted.
pub fn not_a_mapping(
    place: &str,
    found: &str,
    span: Span,
    names: impl Iterator<Item = &'static str>,
) -> Diagnostic {
    let names: Vec<_> = names.collect();
    Diagnostic::error(
        &CODE,
        span,
        format!("{place} is a mapping, but this is {found}"),
    )
    .help(format!("its keys are: {}", names.join(", ")))
}

/// Reports that a mapping with names of the user's choice is wanted.
pub fn not_named(key: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` maps names to values, but this is {found}"),
    )
    .help("write `NAME: value`, one a line")
}

/// Reports that a text is wanted.
pub fn not_a_text_value(key: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` takes a text here, but this is {found}"),
    )
}

/// Reports that a text or a list of texts is wanted.
pub fn not_texts(key: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` takes a text or a list of texts, but this is {found}"),
    )
}

/// Reports that a list is wanted.
pub fn not_a_list(key: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` takes a list, but this is {found}"),
    )
    .help("begin each item with `- `")
}

/// Reports that `NAME=value` is wanted.
pub fn not_an_assignment(key: &str, found: &str, span: Span) -> Diagnostic {
    let found = if found == "a text" {
        "a text without `=`"
    } else {
        found
    };
    Diagnostic::error(
        &CODE,
        span,
        format!("an item of `{key}` is `NAME=value`, but this is {found}"),
    )
    .help(format!("or write `{key}` as a mapping: `NAME: value`"))
}

/// Reports that a step is wanted.
pub fn not_a_step(found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("a step is a mapping with one action, but this is {found}"),
    )
    .help("to run a command, write `- run: COMMAND`")
}
