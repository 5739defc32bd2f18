//! `stage-cycle`: stages that depend on each other in a cycle.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "stage-cycle",
    page: r"
A stage can't use its own result, directly or through other stages: nothing could be built first.

```yaml
stages:
  a: { from: b }
  b: { requires: [a] }
```

To fix it, remove one of the references.
",
};

/// The number of names shown from each end of a long cycle.
const SHOWN: usize = 8;

fn around(stages: &[&str]) -> String {
    if stages.len() <= 2 * SHOWN + 1 {
        return stages.join(" → ");
    }
    let (first, last) = (&stages[..SHOWN], &stages[stages.len() - SHOWN..]);
    format!("{} → … → {}", first.join(" → "), last.join(" → "))
}

/// Reports a cycle: the stages in it, the first one again at the end.
pub fn stage_cycle(stages: &[&str], span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("cycle between stages: {}", around(stages)),
    )
    .help(
        "remove one of the links: `from`, `requires`, or a `copy`, `bind` or mount from the other",
    )
}
