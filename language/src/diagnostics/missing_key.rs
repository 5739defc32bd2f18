//! `missing-key`: a required key or value.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-key",
    page: r"
Some keys need another one: a `symlink` needs its `target`, a cache its `target`, a file its `stages`.

```yaml
caches:
  npm: { sharing: locked }
```

To fix it, add the key:

```yaml
caches:
  npm: { target: /root/.npm, sharing: locked }
```
",
};

/// Reports a missing key.
pub fn missing_key(key: &str, place: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("{place} needs `{key}`")).help(format!("add `{key}: …`"))
}

/// Reports a key without a value.
pub fn missing_value(key: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{key}` has no value"))
}

/// Reports a file without stages.
pub fn no_stages(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "the file has no stages")
        .help("add `stages:` and at least one stage below it")
}
