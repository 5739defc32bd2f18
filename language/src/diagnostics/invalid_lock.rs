//! `invalid-lock`: a lock that can't be used.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-lock",
    page: r"
A lock is a file next to the file that is built, with the same name followed by `.lock`. It pins images by digest, repositories by commit,
and downloads by SHA-256, and contains nothing else.

```yml
version: 1
images:
  golang:1.22: latest
```

To fix it, write a new lock: `docker buildx build --call lock . > Stagefile.lock`. `--build-arg STAGEFILE_LOCK=off` builds without it.
",
};

/// Reports what is wrong in a lock.
pub fn invalid_lock(message: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
