//! `syntax-line`: a `# syntax=` line that clients don't read.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "syntax-line",
    page: r"
`# syntax=` tells BuildKit which frontend reads the file. It only works at the very top: BuildKit stops looking at the first line that
isn't such a directive, even if it is a comment or empty. The file is then read as a Dockerfile, and the build ends with
`unknown instruction: stages:`.

```yaml
# Copyright Example Ltd.
# syntax=stagefile/stagefile
stages:
  app:
    from: alpine
```

To fix it, make it the first line:

```yaml
# syntax=stagefile/stagefile
# Copyright Example Ltd.
stages:
  app:
    from: alpine
```
",
};

/// Warns about a line; `above` is what keeps clients from reading it.
pub fn syntax_line(line: Span, above: Span, what: &str) -> Diagnostic {
    Diagnostic::warning(&CODE, line, "BuildKit doesn't see this `# syntax=` line")
        .secondary(above, format!("it stops looking at this {what}"))
        .help("make it the first line of the file; otherwise the file is built as a Dockerfile: `unknown instruction: stages:`")
}
