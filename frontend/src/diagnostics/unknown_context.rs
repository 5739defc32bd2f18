//! `unknown-context`: a named context that the client did not give.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::suggestion::closest;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-context",
    page: r"
`from: { context: NAME }` stands for what the client calls by that name.

```yaml
stages:
  app:
    from: { context: tools }
```

To put it right, give it: `docker buildx build --build-context tools=docker-image://alpine:3.20 …`; a directory, a git or http
address and another target of a bake file do too. The name `caches` stands for saved caches, which are no files of a stage.
",
};

/// Reports the name of a context.
pub fn unknown_context<'a>(
    name: &str,
    span: Span,
    given: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("the client gave no context `{name}`"));
    match closest(name, given) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!(
            "add `--build-context {name}=…` to the build command"
        )),
    }
}

/// Reports the name of the context that caches are imported from.
pub fn context_of_caches(name: &str, span: Span) -> Diagnostic {
    let message = format!("the context `{name}` is for caches to import, not for files of stages");
    Diagnostic::error(&CODE, span, message).help("give it another name, in the build command too")
}
