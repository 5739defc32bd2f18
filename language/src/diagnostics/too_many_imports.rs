//! `too-many-imports`: more imported files than a build may have.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-imports",
    page: r"
A build may have 64 imported files, including those that imported files import. A file that two others import counts twice.

```yaml
imports:
  lib1: lib1.yaml      # … and so on to
  lib65: lib65.yaml
```

To fix it, combine related files into one.
",
};

/// Reports the import that is one too many.
pub fn too_many_imports(limit: usize, span: Span) -> Diagnostic {
    let message = format!("there are more than {limit} imported files");
    Diagnostic::error(&CODE, span, message)
}
