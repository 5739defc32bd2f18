//! `unknown-base`: an expression that needs the config of an image that isn't known.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-base",
    page: r#"
`base.env`, `base.user` and the like come from the config of the image that a stage starts from. A build asks the daemon for it; the
command-line tool has no daemon.

```yaml
stages:
  app:
    from: python:3.11-slim
    env: { PATH: "/venv/bin:${{ base.env.PATH }}" }
```

To fix it, pass the config: `docker image inspect python:3.11-slim > python.json`, then
`stagefile llb --image-config python:3.11-slim=python.json`.
"#,
};

/// Reports a base whose config an expression needs.
pub fn unknown_base(name: &str, span: Span) -> Diagnostic {
    let message = format!("an expression uses the config of `{name}`, which isn't known here");
    Diagnostic::error(&CODE, span, message).help(format!(
        "write the output of `docker image inspect {name}` to a file, and add `--image-config {name}=FILE`"
    ))
}
