//! `unsupported-project`: reports a manifest that there are no rules for.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unsupported-project",
    page: r"
Some manifests, such as `go.mod`, can be built without a Stagefile; this one is for a language that isn't supported.

```text
docker buildx build --build-arg BUILDKIT_SYNTAX=stagefile/stagefile:dev -f composer.json .
```

Instead, write a Stagefile for it:

```yaml
stages:
  app:
    from: php:8.3-apache
    steps:
      - copy: .
        to: /var/www/html/
```
",
};

/// Reports a manifest that there are no rules for.
pub fn unsupported_project(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
