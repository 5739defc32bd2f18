//! `empty-file`: there is nothing in the file.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "empty-file",
    page: r"
The file contains only white space and comments.

Instead, start with one stage:

```yaml
# syntax=stagefile/stagefile:dev
stages:
  app:
    from: alpine:3.20
    steps:
      - run: echo hello
```
",
};

/// Reports that the file is empty.
pub fn empty_file(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "the file is empty")
        .help("a Stagefile has at least `stages:` with one stage")
}
