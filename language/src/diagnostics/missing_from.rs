//! `missing-from`: a stage that runs something, but starts from nothing.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-from",
    page: r"
A stage without `from` starts from `scratch`, an empty image: there is no shell and no program that a `run` could start.

```yaml
stages:
  app:
    steps:
      - run: npm ci
```

To fix it, say what the stage starts from. If an earlier step copies a shell, write `from: scratch`.

```yaml
stages:
  app:
    from: node:22-slim
    steps:
      - run: npm ci
```
",
};

/// Reports a stage at its name, and the first script that it runs.
pub fn missing_from(span: Span, run: Span) -> Diagnostic {
    let message = "this stage runs something, but has no `from`";
    Diagnostic::error(&CODE, span, message)
        .secondary(run, "there is no program to run this")
        .help("add what it starts from: `from: IMAGE` or `from: STAGE`; if earlier steps add everything that the script needs, `from: scratch`")
}
