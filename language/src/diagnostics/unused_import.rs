//! `unused-import`: an import that nothing uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-import",
    page: r"
An import is read in every build, and one that is fetched takes its time; what is in it does nothing until it is named as `NAME.item`.
Where its stages are there for `--target NAME.STAGE` alone, say `lint: { unused-import: off }`.

```yaml
imports:
  go: { path: build/go.yaml }
stages:
  app:
    from: alpine
```

To fix it, use it, or take it out:

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
        "name something of it, such as `use: {name}.TEMPLATE`, take it out, or say that it is there for targets: `lint: {{ unused-import: off }}`"
    ))
}
