//! `unknown-template`: a template that does not exist.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-template",
    page: r"
`use` names a template of the file, one of an import (`IMPORT.NAME`), or one of the standard library (`std.NAME`).

```yaml
stages:
  app:
    from: debian:12
    steps:
      - use: std.atp
        with: { packages: [curl] }
```

To fix it, use the suggested name, or define it under `templates`.
",
};

/// Reports the name of a template, and the templates that exist.
pub fn unknown_template<'a>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no template `{name}`"));
    match (closest(name, known.clone()), known.clone().next()) {
        (Some(candidate), _) => error.suggest(Some(candidate)),
        (None, None) => error.help("define it under `templates`, or use one of `std`"),
        (None, _) => error.help(format!("the templates are: {}", listed(known))),
    }
}

/// Reports a template of steps where a template of a stage is expected.
pub fn not_a_stage_template(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "this template holds steps, not a stage")
        .help("use it as a step: `steps: [{ use: … }]`")
}

/// Reports a template of a stage where a template of steps is expected.
pub fn not_a_step_template(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "this template holds a stage, not steps")
        .help("use it in a stage: `use: …` next to the stage's other keys")
}

/// Reports `std.app`, which stands for what a manifest generates, in a place other than a stage of the file.
pub fn not_a_project_here(span: Span) -> Diagnostic {
    let message = "only a stage of the file can be `std.app`";
    Diagnostic::error(&CODE, span, message)
        .help("write `use: std.app`, without an expression, in a stage under `stages`")
}
