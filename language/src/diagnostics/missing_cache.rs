//! `missing-cache`: a package manager whose downloads aren't cached.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-cache",
    page: r"
A package manager keeps its downloads. Without a cache, its directory either becomes part of a layer of the image, or is gone when the step
runs again, and everything is downloaded again.

```yaml
steps:
  - run: npm ci
    bind: [package.json, package-lock.json]
```

Instead, add its cache preset to the step or to the stage:

```yaml
steps:
  - run: npm ci
    bind: [package.json, package-lock.json]
    caches: [npm]
```
",
};

/// Warns about a command that could use the cache of a preset.
pub fn missing_cache(command: &str, preset: &str, span: Span) -> Diagnostic {
    let message = format!("`{command}` starts without its cache each time it runs");
    Diagnostic::warning(&CODE, span, message)
        .help(format!("add `caches: [{preset}]` to the step or the stage"))
}
