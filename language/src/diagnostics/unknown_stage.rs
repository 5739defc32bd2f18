//! `unknown-stage`: a stage that does not exist.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-stage",
    page: r"
`requires`, `target`, `stage.output` and `--target` name stages of the file.

```yaml
stages:
  test: {}
  app:
    requires: [tests]
```

A plain name in `from` that is not a stage refers to a context of the client or to an image. If it is similar to the name of a stage, it is
treated as a typo: an error if the target needs it, otherwise a warning.

To fix it, use the suggested name. For an image whose name looks like a stage's, use the long form: `from: { image: tests }`.
",
};

/// Reports the name of a stage.
pub fn unknown_stage<'a>(
    name: &str,
    span: Span,
    stages: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no stage `{name}`"));
    match closest(name, stages.clone()) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!("the stages are: {}", listed(stages))),
    }
}

/// Reports a target from the client; `span` is the name of the first stage.
pub fn unknown_target<'a>(
    name: &str,
    span: Span,
    stages: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let mut error = unknown_stage(name, span, stages).label("the stages begin here");
    error.message = format!("unknown `--target`: there is no stage `{name}`");
    // The client's command has to be changed, not the file.
    error.fix = None;
    error
}

/// Reports a word that is probably a misspelled stage name, since an image with that name is unlikely.
pub fn probably_a_stage(name: &str, candidate: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no stage `{name}`"));
    mistyped(error, name, candidate)
}

/// Warns about the same in a stage that the target doesn't need: for another target, a client may provide a context
/// with that name.
pub fn perhaps_a_stage(name: &str, candidate: &str, span: Span) -> Diagnostic {
    let warning = Diagnostic::warning(&CODE, span, format!("there is no stage `{name}`"));
    mistyped(warning, name, candidate).help(format!(
        "if it is a context that the client gives, write `{{ context: {name} }}`"
    ))
}

fn mistyped(diagnostic: Diagnostic, name: &str, candidate: &str) -> Diagnostic {
    diagnostic.suggest(Some(candidate)).help(format!(
        "if you mean the image `{name}`, write `{{ image: {name} }}`, or a tag: `{name}:latest`"
    ))
}
