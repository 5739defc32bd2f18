//! `not-a-condition`: an `if` that is neither true nor false.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "not-a-condition",
    page: r#"
`if` is an expression whose value is `true` or `false`, with or without `${{ }}`. Build arguments are strings.

```yaml
args: { DEBUG: "1" }
stages:
  app:
    from: gcc:14
    steps:
      - run: make
        if: args.DEBUG
```

Instead, compare: `if: args.DEBUG == "1"`.
"#,
};

/// Reports a condition with a value of another kind.
pub fn not_a_condition(kind: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("this is a {kind}, neither true nor false"),
    )
    .help("compare it with something, such as `args.DEBUG == \"1\"`")
}
