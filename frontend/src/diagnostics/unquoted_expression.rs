//! `unquoted-expression`: an expression without quotes inside braces.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unquoted-expression",
    page: r#"
Inside YAML's flow style (`{ }` and `[ ]`) the braces of `${{ }}` belong to YAML, so the value has to be quoted.

```yaml
env: { VERSION: ${{ args.VERSION }} }
```

Instead:

```yaml
env: { VERSION: "${{ args.VERSION }}" }
```
"#,
};

/// Reports `{{` where YAML expects a key.
pub fn unquoted_expression(span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        "an expression inside `{ }` or `[ ]` needs quotes",
    )
    .help("write \"${{ … }}\" with the quotes")
}
