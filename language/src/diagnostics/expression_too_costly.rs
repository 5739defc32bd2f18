//! `expression-too-costly`: an expression that would take too long, or too much memory.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "expression-too-costly",
    page: r#"
The cost of an expression is limited: every operation counts, every item of the lists that it creates or iterates over, and every 64 bytes
of its strings. Otherwise, a few nested functions could keep a build machine busy for years.

```yaml
stages:
  app:
    if: inputs.names.all(a, inputs.names.all(b, inputs.names.all(c, a + b + c != "xyz")))
```

Instead, process lists one after the other, or do the work in a step's script.
"#,
};

/// Reports an expression that exceeds the cost limit.
pub fn expression_too_costly(limit: u64, span: Span) -> Diagnostic {
    let message = format!("evaluating this takes more than {limit} operations");
    Diagnostic::error(&CODE, span, message)
        .help("process lists one after the other, not nested, or do it in a script")
}
