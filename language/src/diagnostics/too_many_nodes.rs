//! `too-many-nodes`: the file expands to too many values, or too much text.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-nodes",
    page: r"
Every key, value and list item counts, as does each byte of their strings. An alias counts as everything that it expands to: otherwise, a
few lines of aliases of aliases could amount to billions of values. Imported files count too.

```yaml
x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]
x-b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
x-c: [*b, *b, *b, *b, *b, *b, *b, *b, *b]     # and so on
```

Instead, use fewer aliases of aliases and of long strings, or import less.
",
};

/// Reports the place at which the limit is exceeded.
pub fn too_many_nodes(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with its aliases expanded, the file has more than {limit} values");
    Diagnostic::error(&CODE, span, message).help("use fewer aliases of aliases, or import less")
}

/// Reports the place at which the limit for strings is exceeded.
pub fn too_many_bytes(span: Span, limit: usize) -> Diagnostic {
    let message =
        format!("with its aliases expanded, the file has more than {limit} bytes of strings");
    Diagnostic::error(&CODE, span, message).help(
        "use fewer aliases of long strings; keep large data in files, and `copy` or `bind` them",
    )
}
