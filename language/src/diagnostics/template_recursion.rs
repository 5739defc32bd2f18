//! `template-recursion`: templates that use one another without end.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "template-recursion",
    page: r"
A template may use others, but not itself, not even indirectly.

```yaml
templates:
  twice:
    steps:
      - use: twice
stages:
  app:
    from: alpine:3.20
    steps:
      - use: twice
```

To fix it, remove the inner use, or move what both need to a third template.
",
};

/// Reports the use that is one too deep.
pub fn template_recursion(name: &str, span: Span, definition: Span) -> Diagnostic {
    let message = format!("`{name}` is used inside itself, or templates are nested too deeply");
    Diagnostic::error(&CODE, span, message).secondary(definition, "the template is defined here")
}
