//! `missing-report`: a report that doesn't exist.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-report",
    page: r"
When the stage ended, successfully or not, there was nothing at the path of a report, or nothing that can be exported, such as a link to
itself or into `/proc`. The other reports are exported.

```yaml
stages:
  test:
    from: gcc:14
    workdir: /src
    steps:
      - run: make test          # writes into /src/build/results
        bind: { paths: ., rw: true }
    reports: { junit: build/results }
```

A path starts at the stage's workdir. What a script writes into a bind, a cache or a `tmpfs` is not part of the stage.
To fix it, have the script write elsewhere, or copy: `cp -r build/results /results`, and `reports: { junit: /results }`.
",
};

/// Reports a path that a stage doesn't have, or that can't be delivered completely, with the reason.
pub fn missing_report(
    stage: &str,
    report: &str,
    path: &str,
    reason: &str,
    span: Span,
) -> Diagnostic {
    if !reason.is_empty() {
        let message = format!(
            "the stage `{stage}` left something at `{path}` that can't be exported as its report `{report}`: {reason}"
        );
        return Diagnostic::warning(&CODE, span, message);
    }
    let message = format!("the stage `{stage}` left nothing at `{path}` for its report `{report}`");
    Diagnostic::warning(&CODE, span, message)
        .help("what a script writes into a bind, a cache or a `tmpfs` is not part of the stage")
}
