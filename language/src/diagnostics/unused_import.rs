//! `unused-import`: an import that nothing uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-import",
    page: r"
An import is read in every build, and fetching one takes time; its content does nothing until it is used as `NAME.item`. If its stages are
only for `--target NAME.STAGE`, write `lint: { unused-import: off }`.

```yaml
imports:
  go: { path: build/go.yaml }
stages:
  app:
    from: alpine
```

To fix it, use it, or remove it:

```yaml
imports:
  go: { path: build/go.yaml }
stages:
  app:
    use: go.service
```
",
};

/// Warns of an import.
pub fn unused_import(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(&CODE, span, format!("nothing uses the import `{name}`")).help(format!(
        "use something from it, such as `use: {name}.TEMPLATE`, remove it, or say that it is there for targets: `lint: {{ unused-import: off }}`"
    ))
}
