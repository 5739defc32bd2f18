//! `key-not-text`: a key that is a mapping or a list.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "key-not-text",
    page: r"
Keys must be strings.

```yaml
env:
  [A, B]: 1
```

Instead, write one key per line:

```yaml
env:
  A: 1
  B: 1
```
",
};

/// Reports a key that isn't a word.
pub fn key_not_text(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "a key must be a string")
        .help("a value with `{`, `[` or `${{` at its beginning needs quotes")
}
