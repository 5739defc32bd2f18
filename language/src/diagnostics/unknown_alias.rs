//! `unknown-alias`: an alias without an anchor.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-alias",
    page: r"
`*name` is replaced by the value that is marked with `&name`, which must come before it and can't contain itself.

```yaml
defaults:
  env: *common
```

To fix it, mark the value, or quote a value that begins with `*`:

```yaml
x-common: &common { LANG: C.UTF-8 }
defaults:
  env: *common
```
",
};

/// Reports an alias whose anchor doesn't exist.
pub fn unknown_alias(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("nothing before this is marked with `&{name}`"),
    )
    .help("quote a value that begins with `*`, such as \"*.go\"")
}

/// Reports an alias inside the value that it names.
pub fn recursive_alias(span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        "this alias stands inside the value that it names",
    )
    .help("a value can't contain itself; write out the part that you mean")
}
