//! `invalid-dockerfile`: a mistake in a Dockerfile.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-dockerfile",
    page: r"
The file is a Dockerfile, or a stage starts from one, and something in it can't be built. The message has the words of Docker's own
frontend, so that what is known about it on the web can be found.

```yaml
stages:
  app:
    from: { dockerfile: Dockerfile }
```

```dockerfile
FROM alpine
COPPY . /app
```

To fix it, correct the instruction at the place that is shown. `stagefile check` reports all mistakes of a file at once, where
Docker's frontend stops at the first, and `stagefile check --fix` corrects those for which a correction is suggested.

`stagefile convert` reports under this code, too, what it can't say in a Stagefile, and what to write instead.
",
};

/// Reports a mistake in a Dockerfile, with Docker's message.
pub fn invalid_dockerfile(span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
