//! `duplicate-key`: a key that occurs twice.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "duplicate-key",
    page: r"
A key may occur only once in a mapping; YAML parsers differ in which of two values they take.

```yaml
env:
  MODE: fast
  MODE: small
```

Instead, keep one of the two.
",
};

/// Reports the second of two keys.
pub fn duplicate_key(key: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{key}` is written twice"))
        .label("the second time")
        .secondary(first, "the first time")
        .help("keep one of the two")
}
