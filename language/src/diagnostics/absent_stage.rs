//! `absent-stage`: a stage whose `if` is false.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "absent-stage",
    page: r#"
A stage whose `if` is false does not exist, so nothing can start from it, copy from it or require it.

```yaml
args:
  DEBUG: "0"
stages:
  debug:
    if: args.DEBUG == "1"
  app:
    requires: [debug]
```

To fix it, give the stage that names it the same `if`, or put the condition on the steps instead.
"#,
};

/// Reports that no stage exists in this build.
pub fn all_absent(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "no stage exists: the `if` of each is false")
        .help("at least one stage must exist, whatever the arguments are")
}

/// Reports a stage that does not exist in this build.
pub fn absent_stage(name: &str, span: Span, condition: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("the stage `{name}` does not exist: its `if` is false"),
    )
    .secondary(condition, "this is false")
}
