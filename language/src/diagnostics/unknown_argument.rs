//! `unknown-argument`: a `--build-arg` that the file does not declare.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-argument",
    page: r#"
The client passed an argument that nothing in the file uses; it is probably a typo.

```yaml
args:
  GO_VERSION: "1.22"     # but the client gave --build-arg GOVERSION=1.23
```

To fix it, use the declared name, or declare the argument under `args`.
"#,
};

/// Warns about an argument from the client.
pub fn unknown_argument<'a>(
    name: &str,
    span: Span,
    declared: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let warning = Diagnostic::warning(
        &CODE,
        span,
        format!("the file has no build argument `{name}`, which the client gave"),
    );
    match closest(name, declared) {
        Some(candidate) => warning.help(format!("did you mean `--build-arg {candidate}=…`?")),
        None => warning.help("declare it under `args`"),
    }
}

/// Reports an argument that an import sets.
pub fn unknown_argument_of_import<'a>(
    name: &str,
    span: Span,
    declared: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("the imported file has no build argument `{name}`");
    let error = Diagnostic::error(&CODE, span, message);
    match closest(name, declared) {
        Some(candidate) => error.help(format!("did you mean `{candidate}`?")),
        None => error,
    }
}
