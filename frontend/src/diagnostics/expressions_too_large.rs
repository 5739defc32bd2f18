//! `expressions-too-large`: all expressions of a file together take too long, or make too much text.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "expressions-too-large",
    page: r#"
What all expressions cost together is limited, and how much text they make. Each counts as often as it is evaluated: once for
every use of its template, and for every combination of its stage's matrix.

```yaml
stages:
  test:
    matrix:
      a: [1, 2, 3, 4, 5, 6, 7, 8]
      b: [1, 2, 3, 4, 5, 6, 7, 8]
    steps:
      - write: /data
        content: "${{ matrix.a }} … and a million bytes more"
```

Instead, keep large data in files, and `copy` or `bind` them; use templates and matrices less often.
"#,
};

/// Reports the expression with which they take more operations than all may.
pub fn expressions_too_costly(limit: u64, span: Span) -> Diagnostic {
    let message = format!("with this, the file's expressions take more than {limit} operations");
    Diagnostic::error(&CODE, span, message)
        .help("use costly expressions, templates and matrices less often")
}

/// Reports the text with which they make more bytes than all may.
pub fn too_much_text(limit: usize, span: Span) -> Diagnostic {
    let message =
        format!("with this, the file's texts with expressions have more than {limit} bytes");
    Diagnostic::error(&CODE, span, message)
        .help("keep large data in files, and `copy` or `bind` them")
}
