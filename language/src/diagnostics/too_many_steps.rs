//! `too-many-steps`: all stages together have too many steps.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-steps",
    page: r#"
The steps of all stages are counted together: those of a template once per use, those of a stage with a matrix once per combination.
Otherwise, templates that use others twice could amount to billions of steps.

```yaml
templates:
  two: { steps: [ { run: "true" }, { run: "true" } ] }
  four: { steps: [ { use: two }, { use: two } ] }
  eight: { steps: [ { use: four }, { use: four } ] }     # and so on
```

Instead, use templates and matrices less often, or combine related commands into one script.
"#,
};

/// Reports the step at which there are more steps than the limit.
pub fn too_many_steps(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with this step there are more than {limit} in all stages");
    Diagnostic::error(&CODE, span, message).help("use templates and matrices less often")
}
