//! `invalid-policy`: the client's policy for warnings can't be read.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-policy",
    page: r#"
The build argument `STAGEFILE_LINT` sets the levels of warnings without changing the file. It is a list of `CODE=LEVEL` settings, separated
by spaces, commas or newlines; everything after `#` in a line is a comment.

```sh
docker buildx build --build-arg STAGEFILE_LINT="unpinned-source=fatal" .
```

Instead:

```sh
docker buildx build --build-arg STAGEFILE_LINT="unpinned-source=error secrets-in-args=error" .
```

The levels are `off`, `warning` and `error`; the codes are those of [warnings](language/warnings.md).
"#,
};

/// Reports a policy of the client's that can't be read.
pub fn invalid_policy(message: String, start: Span) -> Diagnostic {
    Diagnostic::error(&CODE, start, message)
}
