//! `missing-argument`: a build argument that the client has to set.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-argument",
    page: r"
An argument that is `required` has no default.

```yaml
args:
  VERSION: { required: true }
```

To fix it, set it: `docker buildx build --build-arg VERSION=1.2 …`, or write a `default`.
",
};

/// Reports an argument that isn't set.
pub fn missing_argument(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("the build argument `{name}` is required, but wasn't given"),
    )
    .help(format!("add `--build-arg {name}=…` to the build command"))
}

/// Reports an argument that an import doesn't set.
pub fn missing_argument_of_import(name: &str, import: Span, definition: Span) -> Diagnostic {
    let message = format!("the imported file requires the build argument `{name}`");
    Diagnostic::error(&CODE, import, message)
        .secondary(definition, "it is declared here")
        .help(format!("set it: `args: {{ {name}: … }}`"))
}
