//! `unused-template`: a template that nothing uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-template",
    page: r"
A template does nothing until a step or a stage uses it. In a file that others import, it may be meant for them; write
`lint: { unused-template: off }` in such a file.

```yaml
templates:
  greet:
    steps:
      - run: echo hello
stages:
  app:
    from: alpine
```

To fix it, use it, or remove it:

```yaml
templates:
  greet:
    steps:
      - run: echo hello
stages:
  app:
    from: alpine
    steps:
      - use: greet
```
",
};

/// Warns of a template.
pub fn unused_template(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(&CODE, span, format!("nothing uses the template `{name}`")).help(format!(
        "use it, `- use: {name}`, remove it, or say that it is for others: `lint: {{ unused-template: off }}`"
    ))
}
