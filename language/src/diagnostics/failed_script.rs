//! `failed-script`: a script failed, but what was requested exists anyway.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "failed-script",
    page: r"
`--target STAGE@reports` succeeds even though a `run` of the stage failed: the reports contain what the script left behind. Later steps of
the stage didn't run. `exit-code.txt` next to the reports contains the exit code. Other builds, such as that of a stage that `requires` this
one, fail as usual.

```yaml
stages:
  test:
    from: gcc:14
    steps:
      - run: make test          # exit code 2
    reports: { junit: results }
```

To fix it, look at the reports.
",
};

/// Reports a script that failed before the reports were delivered.
pub fn failed_script(stage: &str, exit_code: u32, span: Span) -> Diagnostic {
    let message = format!("the stage `{stage}` failed with exit code {exit_code}");
    Diagnostic::warning(&CODE, span, message)
        .help("its reports are as this step left them; their `exit-code.txt` has the code")
}
