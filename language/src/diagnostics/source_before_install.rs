//! `source-before-install`: the whole source is copied before dependencies are installed.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "source-before-install",
    page: r"
A step runs again when files that were copied before it change. Here, all of the source is copied before the dependencies are installed, so
a change to any file installs them again.

```yaml
steps:
  - copy: .
  - run: npm ci
  - run: npm run build
```

Instead, give the installation only the files that it reads, and copy the rest afterwards:

```yaml
steps:
  - run: npm ci
    bind: [package.json, package-lock.json]
    caches: [npm]
  - copy: .
  - run: npm run build
```
",
};

/// Warns about a copy of everything (`copy`) before a command that only needs a few files (`install`).
pub fn source_before_install(command: &str, copy: Span, install: Span) -> Diagnostic {
    let message = format!("every change to a file runs `{command}` again");
    Diagnostic::warning(&CODE, copy, message)
        .label("all of the source")
        .secondary(install, "installs dependencies, after it")
        .help("bind the files that the install reads, and copy the rest afterwards")
}
