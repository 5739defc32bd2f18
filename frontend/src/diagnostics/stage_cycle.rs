//! `stage-cycle`: stages that wait for one another.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "stage-cycle",
    page: r"
A stage can't use its own result, not even through others: nothing could be built first.

```yaml
stages:
  a: { from: b }
  b: { requires: [a] }
```

To put it right, take one of the links away.
",
};

/// Reports a cycle: the stages in it, the first one again at the end.
pub fn stage_cycle(stages: &[&str], span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("these stages wait for one another: {}", stages.join(" → ")))
        .help("take one of the links away: `from`, `requires`, or a `copy`, `bind` or mount from the other")
}
