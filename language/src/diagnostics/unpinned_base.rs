//! `unpinned-base`: an image by a tag that moves with every release.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub static CODE: Code = Code {
    name: "unpinned-base",
    page: r"
`latest`, which is also the tag of an image without one, moves to each new release: next month the same file builds on another system, and a
build that worked breaks without a change.

```yaml
stages:
  app:
    from: alpine
```

Instead, name the version that you have tested. A lock file (`docker buildx build --call lock`) pins an image with any tag.

```yaml
stages:
  app:
    from: alpine:3.20
```
",
};

/// Warns of an image whose tag is `latest`, as written or by default.
pub fn unpinned_base(reference: &str, span: Span) -> Diagnostic {
    let message = format!("`{reference}` is a different image after each release");
    Diagnostic::warning(&CODE, span, message)
        .help("name a version, such as `:1.2`, or pin it in a lock file (`--call lock`)")
}
