//! `ambiguous-stage`: a stage with a matrix, where one of its combinations is needed.

use stagefile_text::suggestion::listed;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "ambiguous-stage",
    page: r"
A stage with a matrix exists once for each combination. Where a single stage is expected, the name means the combination with the values of
the stage that uses it, if that stage has the same variables.

```yaml
stages:
  test:
    matrix: { version: [a, b] }
  app:
    from: test
```

Instead, name one combination: `from: test-a`.
",
};

/// Reports a name that stands for several stages, or for none with the planned combination.
pub fn several_combinations(name: &str, span: Span, stages: &[&str], none: bool) -> Diagnostic {
    let message = if none {
        format!("the stage `{name}` has no combination that agrees with this one")
    } else {
        format!("`{name}` has a matrix, so it stands for several stages")
    };
    Diagnostic::error(&CODE, span, message)
        .help(format!("name one of: {}", listed(stages.iter().copied())))
}

/// Reports that the default target, the last stage, stands for several stages.
pub fn ambiguous_default(span: Span, stages: &[&str]) -> Diagnostic {
    let message = "the last stage has a matrix, so it stands for several stages";
    Diagnostic::error(&CODE, span, message).help(format!(
        "name one with `--target`, or in the file: `target: {}`; there are {}",
        stages.last().unwrap_or(&""),
        listed(stages.iter().copied())
    ))
}

/// Reports two combinations with the same name.
pub fn same_combination(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("two stages are called `{name}`"))
        .secondary(first, "the other one")
        .help("names are made of the stage's and its values; give one of them another name")
}
