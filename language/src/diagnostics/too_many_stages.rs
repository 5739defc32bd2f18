//! `too-many-stages`: there are too many stages.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-stages",
    page: r"
Every combination of a matrix is a stage, and all stages are checked, whichever is built. Otherwise, a few lines could amount to more stages
than any machine can check.

```yaml
stages:
  test-1:
    matrix: { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] }
  test-2:
    matrix: { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] }
  # and hundreds more
```

Instead, use fewer values, `exclude` combinations, or split the file.
",
};

/// Reports the stage at which there are more stages than the limit.
pub fn too_many_stages(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with this stage's combinations there are more than {limit} stages");
    Diagnostic::error(&CODE, span, message).help("use fewer values, or split the file")
}
