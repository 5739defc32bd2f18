//! `unknown-part`: a part of a stage that the client requests, but that doesn't exist.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-part",
    page: r"
`--target STAGE@reports` asks for the `reports` of a stage instead of the stage itself. No other part of a stage can be requested with `@`.

```yaml
stages:
  test:
    reports: { junit: results }     # docker buildx build --target test@report --output out .
```

To fix it, write `--target test@reports`.
",
};

/// Reports what follows the `@` of a target, or that nothing is before it; `span` is the name of the first stage.
pub fn unknown_part(stage: &str, part: &str, known: &[&str], span: Span) -> Diagnostic {
    let target = format!("{stage}@{part}");
    let message = format!("unknown `--target`: `{target}`");
    let error = Diagnostic::error(&CODE, span, message).label("the stages begin here");
    let stage = if stage.is_empty() { "STAGE" } else { stage };
    let whole = |part: &&str| format!("`{stage}@{part}`");
    if known.contains(&part) {
        return error.help(format!("name the stage: {}", whole(&part)));
    }
    let help = if let Some(candidate) = closest(part, known.iter().copied()) {
        format!("did you mean {}?", whole(&candidate))
    } else {
        let all: Vec<String> = known.iter().map(whole).collect();
        format!("there is {}", all.join(", "))
    };
    error.help(help)
}
