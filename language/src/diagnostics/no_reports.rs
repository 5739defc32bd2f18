//! `no-reports`: reports of a stage that names none.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "no-reports",
    page: r"
`--target STAGE@reports` exports the paths that the stage names under `reports`. This stage names none; reports are not inherited from the
stage that it starts from.

```yaml
stages:
  test:
    from: gcc:14
    steps:
      - run: make test
```

To fix it, name them: `reports: { junit: build/test-results }`.
",
};

/// Reports a stage without reports, whose reports are requested.
pub fn no_reports(stage: &str, span: Span) -> Diagnostic {
    let message = format!("`--target` asks for the reports of the stage `{stage}`, which has none");
    Diagnostic::error(&CODE, span, message)
        .help("name the paths that you want under its `reports`: `reports: { NAME: PATH }`")
}
