//! `unknown-context`: a named context that the client did not give.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-context",
    page: r"
`from: { context: NAME }` is a named context, which the client gives.

```yaml
stages:
  app:
    from: { context: tools }
```

To fix it, give it: `docker buildx build --build-context tools=docker-image://alpine:3.20 …`; a directory, a git or http
address and another target of a bake file do too. The name `caches` stands for saved caches, which are no files of a stage.

Only the contexts that the target needs have to be given. Where another stage names a context that is nearly one of those
given, this is a warning.
",
};

/// Reports the name of a context.
pub fn unknown_context<'a>(
    name: &str,
    span: Span,
    given: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("the client gave no context `{name}`");
    not_given(&message, name, span, given)
}

/// Reports the name of an OCI layout of which no digest is written, so that only a context can say which image is meant.
pub fn unknown_layout<'a>(
    name: &str,
    span: Span,
    given: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("the client gave no context `{name}`, and the layout has no digest");
    not_given(&message, name, span, given).help(format!(
        "or write which image of a layout is meant: `{name}@sha256:…`"
    ))
}

fn not_given<'a>(
    message: &str,
    name: &str,
    span: Span,
    given: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, message);
    match closest(name, given) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!(
            "add `--build-context {name}=…` to the build command"
        )),
    }
}

/// Warns of a context that the target doesn't need and that is nearly one that the client gave.
pub fn perhaps_a_context(name: &str, candidate: &str, span: Span) -> Diagnostic {
    let message = format!("the client gave no context `{name}`");
    Diagnostic::warning(&CODE, span, message).suggest(Some(candidate))
}

/// Reports the name of the context that caches are imported from.
pub fn context_of_caches(name: &str, span: Span) -> Diagnostic {
    let message = format!("the context `{name}` is for caches to import, not for files of stages");
    Diagnostic::error(&CODE, span, message).help("give it another name, in the build command too")
}
