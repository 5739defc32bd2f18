//! `unquoted-expression`: an expression without quotes inside braces.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unquoted-expression",
    page: r#"
Inside YAML's flow style (`{ }` and `[ ]`) the braces of `${{ }}` are read as YAML, so the value must be quoted.

```yaml
env: { VERSION: ${{ args.VERSION }} }
```

Elsewhere, it must be quoted if it contains `: ` or ` #`: in YAML, the first makes a key of the text before it, and the second begins a
comment.

```yaml
run: make ${{ args.DEBUG == "1" ? "debug" : "release" }}
```

Instead:

```yaml
env: { VERSION: "${{ args.VERSION }}" }
run: 'make ${{ args.DEBUG == "1" ? "debug" : "release" }}'
```
"#,
};

/// Reports an expression whose `: ` YAML took for the end of a key.
pub fn expression_with_colon(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "an expression with `: ` in it needs quotes")
        .help("write '${{ … }}' with the quotes, or write the value as a block, after `|`")
}

/// Reports an expression whose ` #` YAML took for a comment.
pub fn expression_with_comment(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "an expression with ` #` in it needs quotes")
        .label("for YAML it ends at the comment")
        .help("write '${{ … }}' with the quotes, or write the value as a block, after `|`")
}

/// Reports `{{` where YAML expects a key.
pub fn unquoted_expression(span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        "an expression inside `{ }` or `[ ]` needs quotes",
    )
    .help("write \"${{ … }}\" with the quotes")
}
