//! `unexpanded-variable`: a variable whose value names itself, as it would be extended in a shell.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unexpanded-variable",
    page: r#"
Values of variables are taken as they are written: `$PATH` in one is five letters, not what the base image has. A program that looks for
others in such a `PATH` doesn't find them.

```yaml
stages:
  app:
    from: python:3.11-slim
    image:
      env: { PATH: "/venv/bin:$PATH" }
```

To put it right, write the whole value; the base image's is in the output of `docker image inspect`:

```yaml
image:
  env: { PATH: "/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin" }
```
"#,
};

/// Warns of a variable that is to be extended.
pub fn unexpanded_variable(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        &CODE,
        span,
        format!("`${name}` is not replaced by the value that the base has"),
    )
    .help("write the whole value")
}
