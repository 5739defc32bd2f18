//! `package-lists`: the lists of a package manager stay in the image.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "package-lists",
    page: r"
`apt-get update` and `apk add` download lists of all packages. These are soon outdated, and nothing that runs in the image needs them.

```yaml
steps:
  - run: apt-get update && apt-get install -y --no-install-recommends curl
```

Instead, use the cache: it keeps lists and packages for later builds, and they never enter the image.

```yaml
steps:
  - run: apt-get update && apt-get install -y --no-install-recommends curl
    caches: [apt]
```
",
};

/// Warns of a command that leaves lists, which the cache of a preset would keep out.
pub fn package_lists(command: &str, preset: &str, span: Span) -> Diagnostic {
    let message = format!("`{command}` leaves its package lists in the image");
    Diagnostic::warning(&CODE, span, message)
        .help(format!("add `caches: [{preset}]` to the step or the stage"))
}
