//! `invalid-expression`: an expression that can not be evaluated.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-expression",
    page: r#"
The text between `${{` and `}}` is a CEL expression: names, strings in quotes, numbers, `==`, `&&`, `? :` and functions.

```yaml
from: golang:${{ args.GO_VERSION | default("1.22") }}
```

To fix it, use what CEL offers, and convert the result to a string. Write a literal `${{` as `$${{`.

```yaml
from: golang:${{ args.GO_VERSION != "" ? args.GO_VERSION : "1.22" }}
```
"#,
};

/// Reports an expression that can't be compiled.
pub fn invalid_expression(written: &str, message: &str, span: Span) -> Diagnostic {
    let message = if written.is_empty() {
        "there is nothing between `${{` and `}}`"
    } else {
        message
    };
    Diagnostic::error(
        &CODE,
        span,
        format!("this expression can't be read: {message}"),
    )
}

/// Reports a `${{` without `}}`.
pub fn unclosed_expression(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "this `${{` has no `}}`")
        .help("a literal `${{` is written `$${{`")
}

/// Reports an expression that has no value.
pub fn failed_expression(written: &str, message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{written}` has no value: {message}"))
}

/// Reports a value that can't stand in a string.
pub fn not_a_text(kind: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("this is a {kind}, which can't be part of a string"),
    )
    .help("turn it into a string: `.join(\" \")` for a list, or one member of a map")
}

/// Reports a value that is larger than any should be; the limit is in bytes, or in items.
pub fn value_too_large(limit: usize, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("expressions produce more than {limit} bytes or items here"),
    )
    .help("keep large data in a file, and `copy` or `bind` it")
}
