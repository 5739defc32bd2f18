//! `foreign-base`: a base image for another platform than the stage's.

use buildkit_llb::Platform;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "foreign-base",
    page: r"
The image doesn't exist for the platform of the build, so one for another platform was used instead. The result of the stage runs only on
that platform.

```yaml
stages:
  app:
    from: example.com/tools:amd64-only    # built with --platform linux/arm64
```

To fix it, use an image that supports the platform. If the other platform is intended, set it explicitly:

```yaml
stages:
  app:
    from: { image: example.com/tools:amd64-only, platform: linux/amd64 }
```
",
};

/// Warns about an image for another platform than the stage that is based on it.
pub fn foreign_base(name: &str, found: &Platform, wanted: &Platform, span: Span) -> Diagnostic {
    let message = format!("`{name}` is for {found}, but the stage is for {wanted}");
    Diagnostic::warning(&CODE, span, message).help(format!("use an image that supports {wanted}"))
}
