//! `unused-secret`: a secret that nothing uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-secret",
    page: r"
A secret of the file's `secrets` isn't available to any script until a step, a stage or `defaults` names it.

```yaml
secrets:
  token: {}
stages:
  app:
    from: alpine
    steps:
      - run: cat /run/secrets/token
```

To fix it, name it where it is needed, or remove it:

```yaml
secrets:
  token: {}
stages:
  app:
    from: alpine
    steps:
      - run: cat /run/secrets/token
        secrets: [token]
```
",
};

/// Warns of a secret.
pub fn unused_secret(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(&CODE, span, format!("nothing uses the secret `{name}`")).help(format!(
        "name it where it is needed, `secrets: [{name}]`, or remove it"
    ))
}
