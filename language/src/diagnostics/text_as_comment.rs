//! `text-as-comment`: YAML reads the rest of a string as a comment.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "text-as-comment",
    page: r#"
Without quotes, a YAML string ends at ` #`, even inside a script's own quotes.

```yaml
stages:
  app:
    from: alpine:3.20
    steps:
      - run: echo "see #42" > /notes
```

To fix it, write it as a block, or in YAML quotes:

```yaml
stages:
  app:
    from: alpine:3.20
    steps:
      - run: |
          echo "see #42" > /notes
```

Write an intended comment with a space after its `#`.
"#,
};

/// Warns about a string that YAML cuts off.
pub fn text_as_comment(span: Span) -> Diagnostic {
    let message = "YAML reads this as a comment: the string before it ends at ` #`";
    Diagnostic::warning(&CODE, span, message).help(
        "if it is part of the string, quote the whole string, or write a block with `|`; write a comment with a space after `#`",
    )
}
