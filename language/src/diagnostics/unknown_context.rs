//! `unknown-context`: a named context that the client doesn't provide.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-context",
    page: r"
`from: { context: NAME }` is a named context, which the client passes.

```yaml
stages:
  app:
    from: { context: tools }
```

To fix it, pass it: `docker buildx build --build-context tools=docker-image://alpine:3.20 …`. A directory, a Git or HTTP URL, or another
target of a bake file also works. The name `caches` is reserved for saved caches, which a stage can't use as files.

Only the contexts that the target needs must be passed. If another stage names a context with a name similar to one of those passed, this is
a warning.
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

/// Reports the name of an OCI layout without a digest, so that only a context can say which image is meant.
pub fn unknown_layout<'a>(
    name: &str,
    span: Span,
    given: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("the client gave no context `{name}`, and the layout has no digest");
    not_given(&message, name, span, given)
        .help(format!("or name the image of a layout: `{name}@sha256:…`"))
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

/// Warns about a context that the target doesn't need, with a name similar to one that the client provides.
pub fn perhaps_a_context(name: &str, candidate: &str, span: Span) -> Diagnostic {
    let message = format!("the client gave no context `{name}`");
    Diagnostic::warning(&CODE, span, message).suggest(Some(candidate))
}

/// Reports the name of the context that caches are imported from.
pub fn context_of_caches(name: &str, span: Span) -> Diagnostic {
    let message = format!("the context `{name}` is for caches to import, not for files of stages");
    Diagnostic::error(&CODE, span, message).help("rename it, in the build command too")
}
