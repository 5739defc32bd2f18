//! `invalid-dockerfile`: a mistake in a Dockerfile.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-dockerfile",
    page: r"
The file is a Dockerfile, or a stage starts from one, and something in it can't be built. The message uses the words of Docker's own
frontend, so that you can search the web for it.

```yaml
stages:
  app:
    from: { dockerfile: Dockerfile }
```

```dockerfile
FROM alpine
COPPY . /app
```

To fix it, correct the instruction that is shown. `stagefile check` reports all mistakes in a file at once, while Docker's frontend stops at
the first; `stagefile check --fix` fixes those that have a suggested correction.

`stagefile convert` also uses this code to report what it can't express in a Stagefile, and what to write instead.
",
};

/// Reports a mistake in a Dockerfile, with Docker's message.
pub fn invalid_dockerfile(span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
