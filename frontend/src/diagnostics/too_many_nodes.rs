//! `too-many-nodes`: the file stands for too many values.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-nodes",
    page: r"
Every key, value and list item counts, and an alias counts as all that it stands for: a few lines of aliases of aliases
could otherwise stand for billions of values.

```yaml
x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]
x-b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
x-c: [*b, *b, *b, *b, *b, *b, *b, *b, *b]     # and so on
```

Instead, write fewer aliases of aliases, or split the file.
",
};

/// Reports the place at which the limit is passed.
pub fn too_many_nodes(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with its aliases written out, the file has more than {limit} values");
    Diagnostic::error(&CODE, span, message).help("use fewer aliases of aliases, or split the file")
}
