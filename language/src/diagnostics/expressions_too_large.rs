//! `expressions-too-large`: a file expands to too much, or its expressions take too long in total.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "expressions-too-large",
    page: r#"
The expanded size of a file is limited: its strings, and the total cost of its expressions. Each counts as often as it is used: once for
every use of its template and every combination of its stage's matrix. What a step, or a stage that starts from another one, inherits counts
for each of them. The parent directories of a path count too, as do the patterns of a `copy` for each of its paths.

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

/// Reports the expression with which the total cost exceeds the limit.
pub fn expressions_too_costly(limit: u64, span: Span) -> Diagnostic {
    let message = format!("with this, the file's expressions take more than {limit} operations");
    Diagnostic::error(&CODE, span, message)
        .help("use costly expressions, templates and matrices less often")
}

/// Reports the place at which the file expands to more bytes than allowed.
pub fn too_much_text(limit: usize, span: Span) -> Diagnostic {
    let message = format!("with this, the file expands to more than {limit} bytes");
    Diagnostic::error(&CODE, span, message)
        .help("each string counts as often as it is used or inherited: by templates, combinations, stages and steps")
        .help("keep large data in files, and `copy` or `bind` them")
}
