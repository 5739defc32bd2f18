//! `conflicting-keys`: keys that exclude one another.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::keys::{Presence, Table};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "conflicting-keys",
    page: r"
Some keys say the same thing in different ways, or contradict each other: only one of them may be used.

```yaml
steps:
  - run: make
    copy: src
```

Instead, write two steps:

```yaml
steps:
  - run: make
  - copy: src
```
",
};

/// Reports a mapping with none, or more than one, of the keys of which it needs exactly one.
pub fn one_key_of(table: &Table, span: Span) -> Diagnostic {
    let names: Vec<_> = table.present(Presence::OneOf).map(|key| key.name).collect();
    Diagnostic::error(
        &CODE,
        span,
        format!("{} takes exactly one of: {}", table.place, names.join(", ")),
    )
}

/// Reports a key that only the user of a template's stage may set.
pub fn not_in_a_template(key: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` can't be used in the stage of a template"),
    )
    .help("write it in the stage that uses the template")
}

/// Reports a step with two actions.
pub fn two_actions(first: (&str, Span), second: (&str, Span)) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        second.1,
        format!("this step already does `{}`", first.0),
    )
    .label("the second action")
    .secondary(first.1, "the first action")
    .help(format!("write it as a separate step: `- {}: …`", second.0))
}

/// Reports that both keys of an exclusive pair are present.
pub fn exclusive(key: &str, other: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{key}` and `{other}` can't be used together"),
    )
}

/// Reports an option that the fragment of an address sets, too.
pub fn said_by_the_address(key: &str, fragment: &str, span: Span) -> Diagnostic {
    let message = format!("the URL already sets `{key}`: `{fragment}`");
    Diagnostic::error(&CODE, span, message)
        .help("write it once: after the `#` of the URL, or as an option")
}
