//! `unknown-output`: an output that a stage does not have.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::Fix;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-output",
    page: r"
`stage.output` names an entry of the stage's `outputs`, or of the `outputs` of one of its `run` steps.

```yaml
stages:
  build:
    from: gcc:14
    steps:
      - run: make
        outputs: { server: /out }
  app:
    steps:
      - copy: server
        from: build.sever
```

To fix it, use the suggested name, or add the output.
",
};

/// Reports an output of a stage that exists.
pub fn unknown_output<'a>(
    stage: &str,
    output: &str,
    span: Span,
    outputs: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!("the stage `{stage}` has no output `{output}`"),
    );
    match (closest(output, outputs.clone()), outputs.clone().next()) {
        (Some(candidate), _) => {
            let mut error = error.help(format!("did you mean `{stage}.{candidate}`?"));
            error.fix = Some(Fix {
                span,
                replacement: format!("{stage}.{candidate}"),
            });
            error
        }
        (None, None) => error
            .help("it has no outputs; name one under `outputs` of the stage, or of a `run` step"),
        (None, _) => error.help(format!("it has: {}", listed(outputs))),
    }
}

/// Reports a report of a stage that is used as an output.
pub fn report_as_output(stage: &str, report: &str, span: Span) -> Diagnostic {
    let message = format!("`{report}` is a report of the stage `{stage}`, not an output");
    Diagnostic::error(&CODE, span, message)
        .help(format!(
            "if another stage needs it, name its path under `outputs` of `{stage}`, too; that stage then needs `{stage}` to succeed"
        ))
        .help(format!(
            "reports are for the client: `--target {stage}@reports --output DIR`"
        ))
}

/// Reports two outputs with the same name.
pub fn duplicate_output(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("this stage already has an output `{name}`"),
    )
    .secondary(first, "the first one")
}
