//! `unused-cache`: a cache that nothing uses.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unused-cache",
    page: r"
A cache of the file's `caches` does nothing until a step, a stage or `defaults` names it.

```yaml
caches:
  models: { target: /models }
stages:
  app:
    from: alpine
    steps:
      - run: ./download-models
```

To fix it, name it where it is needed, or remove it:

```yaml
caches:
  models: { target: /models }
stages:
  app:
    from: alpine
    steps:
      - run: ./download-models
        caches: [models]
```
",
};

/// Warns of a cache.
pub fn unused_cache(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(&CODE, span, format!("nothing uses the cache `{name}`")).help(format!(
        "name it where it is needed, `caches: [{name}]`, or remove it"
    ))
}
