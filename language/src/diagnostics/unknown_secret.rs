//! `unknown-secret`: a secret that is not defined.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, ValuePosition};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-secret",
    page: r"
`secrets` takes names of the file's `secrets`, and long forms.

```yaml
stages:
  app:
    secrets: [npmrc]
```

To fix it, define it:

```yaml
secrets:
  npmrc: { target: /root/.npmrc }
```
",
};

/// Reports the name of a secret.
pub fn unknown_secret<'a>(
    name: &str,
    span: Span,
    defined: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no secret `{name}`"));
    if let Some(words) = habits::form(ValuePosition::Secret, name) {
        return error.help(words);
    }
    match closest(name, defined) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!(
            "define it: `secrets: {{ {name}: {{}} }}` at the top level"
        )),
    }
}
