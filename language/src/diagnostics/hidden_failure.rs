//! `hidden-failure`: a script that continues after a failure.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "hidden-failure",
    page: r"
A pipe has the exit status of its last command, and `|| true` always succeeds. Earlier failures go unnoticed: the build succeeds, the result
of the failed step is cached, and the image lacks something.

```yaml
steps:
  - run: make test | tee test.log
  - run: apt-get install -y --no-install-recommends curl || true
```

Instead, let the step fail. Some shells can be told to check all commands of a pipe:

```yaml
steps:
  - run: |
      set -o pipefail
      make test | tee test.log
    shell: [/bin/bash, -eu, -c]
  - run: apt-get install -y --no-install-recommends curl
```
",
};

/// Warns of a pipe whose first command may fail unnoticed.
pub fn failure_in_pipe(command: &str, next: &str, span: Span) -> Diagnostic {
    let message = format!("if `{command}` fails, the step still succeeds");
    Diagnostic::warning(&CODE, span, message)
        .label(format!("only the exit status of `{next}` counts"))
        .help("write the output to a file first, or use a shell with `set -o pipefail`")
}

/// Warns of an install that may fail.
pub fn ignored_failure(command: &str, span: Span, rest: Span) -> Diagnostic {
    let message = format!("if `{command}` fails, the step still succeeds");
    Diagnostic::warning(&CODE, rest, message)
        .secondary(span, "its failure is ignored")
        .help("let the step fail, or name the exit codes that are fine in `exit-codes`")
}
