//! `import-cycle`: files that import one another without end.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "import-cycle",
    page: r"
A file may import others, but not itself, not even indirectly.

```yaml
imports:
  self: Stagefile
stages:
  app: { from: self.base }
```

To fix it, remove the inner import, or move what both need to a file that both import.
",
};

/// Reports the import of a file that is being imported.
pub fn import_cycle(file: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{file}` is imported by itself"))
}
