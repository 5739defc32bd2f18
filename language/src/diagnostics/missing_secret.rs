//! `missing-secret`: a secret that the client doesn't provide.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-secret",
    page: r"
A secret is required unless it is `optional`; without it, the build fails before anything runs.

```yaml
secrets:
  npmrc: { target: /root/.npmrc }
```

To fix it, pass it: `docker buildx build --secret id=npmrc,src=$HOME/.npmrc …`, or write `optional: true`.
",
};

/// Reports a secret that the client doesn't have.
pub fn missing_secret(id: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("the secret `{id}` is required, but the client didn't give it"),
    )
    .help(format!(
        "add `--secret id={id},src=FILE` or `--secret id={id},env=VARIABLE` to the build command"
    ))
    .help("or write `optional: true`, if the build can do without it")
}
