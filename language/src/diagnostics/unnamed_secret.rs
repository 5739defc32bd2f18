//! `unnamed-secret`: a script reads the file of a secret that its step doesn't name.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unnamed-secret",
    page: r"
A secret's file exists only while a step runs that names the secret, or whose stage does.

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

A secret with `env` is a variable, and has a file only if it has a `target`, too.

There is no warning if the script tests for the file first, as with `[ -f /run/secrets/token ]`.
",
};

/// Warns of a file in a script; `secret` is the name of the file's secret, if it has one for this file.
pub fn unnamed_secret_file(file: &str, secret: Option<&str>, span: Span) -> Diagnostic {
    let message = format!("`{file}` doesn't exist in this script: the step names no such secret");
    let warning = Diagnostic::warning(&CODE, span, message);
    if let Some(secret) = secret {
        return warning.help(format!("add `secrets: [{secret}]` to the step"));
    }
    let name = file.rsplit('/').next().unwrap_or_default();
    warning.help(format!(
        "define it at the top level, `secrets: {{ {name}: {{}} }}`, and add `secrets: [{name}]` to the step"
    ))
}

/// Warns of the usual file of a secret that is elsewhere: a variable, or another file.
pub fn secret_is_elsewhere(file: &str, secret: &str, place: &str, span: Span) -> Diagnostic {
    let is_file = place.starts_with('/');
    let (what, read) = if is_file {
        ("file", place.to_owned())
    } else {
        ("variable", format!("${place}"))
    };
    let message = format!(
        "`{file}` doesn't exist in this script: the secret `{secret}` is the {what} `{read}`"
    );
    let other = if is_file {
        format!("remove its `target`: without one, it is `{file}`")
    } else {
        format!("give it a file, too: `{secret}: {{ env: {place}, target: {file} }}`")
    };
    Diagnostic::warning(&CODE, span, message).help(format!("read `{read}`, or {other}"))
}
