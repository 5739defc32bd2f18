//! `wrong-input`: an input of a template that it does not have, or of another type.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "wrong-input",
    page: r#"
`with` passes a template its inputs: only those that it declares, each with the declared type, and all that are required.

```yaml
templates:
  install:
    inputs:
      packages: { type: list, required: true }
    steps:
      - run: apk add ${{ inputs.packages.join(" ") }}
stages:
  app:
    from: alpine
    steps:
      - use: install
        with: { packages: { curl: 8 } }
```

Instead, write a value of the type that the template declares: `packages: [curl]`.
"#,
};

/// Reports a value of the wrong type; `declared` is the place of the input, unless that is where the value stands.
pub fn wrong_input(
    name: &str,
    wanted: &str,
    found: &str,
    span: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("the input `{name}` is a {wanted}, but this is {found}");
    let help = match wanted {
        "boolean" => "write `true` or `false`",
        "number" => "write digits, such as `8080`",
        "list" => "write a list, such as `[a, b]`",
        _ => "write a mapping, such as `{ name: value }`",
    };
    let error = Diagnostic::error(&CODE, span, message).help(help);
    match declared {
        Some(declared) => error.secondary(declared, "the input is declared here"),
        None => error,
    }
}

/// Reports an input that the template doesn't have.
pub fn unknown_input<'a>(
    template: &str,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let message = format!("the template `{template}` has no input `{name}`");
    let error = Diagnostic::error(&CODE, span, message);
    match closest(name, known.clone()) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!("it has: {}", listed(known))),
    }
}

/// Reports an input that isn't given.
pub fn missing_input(template: &str, name: &str, span: Span, declared: Span) -> Diagnostic {
    let message = format!("the template `{template}` needs the input `{name}`");
    Diagnostic::error(&CODE, span, message)
        .secondary(declared, "the input is declared here")
        .help(format!("add it: `with: {{ {name}: … }}`"))
}
