//! `unnamed-secret`: a script reads the file of a secret that its step doesn't name.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unnamed-secret",
    page: r"
The file of a secret is there only while a step runs that names the secret, or whose stage does.

```yaml
secrets: { token: {} }
stages:
  app:
    from: alpine:3.20
    steps:
      - run: ./download --token-file /run/secrets/token
```

To fix it, name it:

```yaml
secrets: { token: {} }
stages:
  app:
    from: alpine:3.20
    steps:
      - run: ./download --token-file /run/secrets/token
        secrets: [token]
```

There is no warning where the script tests for the file first, as with `[ -f /run/secrets/token ]`.
",
};

/// Warns of a file in a script; `secret` is the name of the file's secret, if it has one for this file.
pub fn unnamed_secret_file(file: &str, secret: Option<&str>, span: Span) -> Diagnostic {
    let message = format!("`{file}` isn't there in this script: the step names no such secret");
    let warning = Diagnostic::warning(&CODE, span, message);
    if let Some(secret) = secret {
        return warning.help(format!("add `secrets: [{secret}]` to the step"));
    }
    let name = file.rsplit('/').next().unwrap_or_default();
    warning.help(format!(
        "define it at the top level, `secrets: {{ {name}: {{}} }}`, and add `secrets: [{name}]` to the step"
    ))
}
