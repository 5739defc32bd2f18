//! `unused-argument`: a build argument that no expression uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-argument",
    page: r#"
A build argument has an effect only in expressions: unlike a Dockerfile's `ARG`, it isn't a variable in scripts.

```yaml
args:
  VERSION: "1.0"
stages:
  app:
    from: alpine
    steps:
      - run: echo "$VERSION"
```

To fix it, use it in an expression, or remove it:

```yaml
args:
  VERSION: "1.0"
stages:
  app:
    from: alpine
    env: { VERSION: "${{ args.VERSION }}" }
    steps:
      - run: echo "$VERSION"
```
"#,
};

/// Warns of an argument.
pub fn unused_argument(name: &str, span: Span) -> Diagnostic {
    let message = format!("no expression uses the build argument `{name}`");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "scripts see it only as `${{{{ args.{name} }}}}`; `${name}` is their own variable"
    ))
}
