//! `matrix-too-large`: a matrix with too many combinations.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "matrix-too-large",
    page: r"
Every combination of a matrix is a stage. Their number is limited, so that a few lists can't amount to millions.

```yaml
stages:
  test:
    matrix:
      a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
      b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
```

Instead, use fewer values, or several stages with smaller matrices.
",
};

/// Reports the variable with which a matrix exceeds the limit.
pub fn too_many_variables(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with this, the matrix has more than {limit} variables");
    Diagnostic::error(&CODE, span, message)
        .help("a single value needs no variable; write it where it is used")
}

/// Reports the place at which there are more combinations than the limit.
pub fn matrix_too_large(span: Span, limit: usize) -> Diagnostic {
    let message = format!("this makes more than {limit} combinations");
    Diagnostic::error(&CODE, span, message).help("use fewer values")
}
