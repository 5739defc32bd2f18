//! `invalid-name`: a name that can not be used.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-name",
    page: r"
Names of stages, caches, secrets, outputs and reports consist of letters, digits, `_` and `-`, and begin with a letter or digit. Names of
stages and caches may also contain dots between these. Names of arguments and inputs consist of letters, digits and `_`, and don't begin
with a digit. Names of variables aren't empty and contain no `=`. `scratch` and `context` are reserved.

```yaml
stages:
  my+app: { from: alpine }
```

Instead:

```yaml
stages:
  my-app: { from: alpine }
```
",
};

/// Reports a name with a character that it can't have.
pub fn invalid_name(what: &str, name: &str, span: Span, allowed: &str) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{name}` can't be the name of {what}")).help(allowed)
}

/// Reports a key without letters.
pub fn empty_key(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "a key can't be empty")
}

/// Reports a name that has a meaning already.
pub fn reserved_name(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{name}` is reserved and can't be the name of {what}"),
    )
}
