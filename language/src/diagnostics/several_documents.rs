//! `several-documents`: more than one YAML document.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "several-documents",
    page: r"
A Stagefile is one YAML document; `---` is allowed only at its beginning.

```yaml
stages: {}
---
stages: {}
```

Instead, write the second document to a separate file and build it with `-f`.
",
};

/// Reports the second document.
pub fn several_documents(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "a second document begins here")
        .help("move it to a separate file")
}
