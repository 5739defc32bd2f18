//! `recommended-packages`: apt installs packages that weren't requested.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "recommended-packages",
    page: r"
`apt-get install` also installs what the packages recommend: documentation, fonts, sometimes a mail server. Images rarely need these, and
they can be larger than what you asked for.

```yaml
steps:
  - run: apt-get update && apt-get install -y curl
    caches: [apt]
```

Instead, install only what is needed. If you want a recommended package (often `ca-certificates`), name it:

```yaml
steps:
  - run: apt-get update && apt-get install -y --no-install-recommends ca-certificates curl
    caches: [apt]
```
",
};

/// Warns of an install without the option.
pub fn recommended_packages(span: Span) -> Diagnostic {
    let message = "`apt-get install` also installs recommended packages";
    Diagnostic::warning(&CODE, span, message).help(
        "add `--no-install-recommends`, and name what else is needed, such as `ca-certificates`",
    )
}
