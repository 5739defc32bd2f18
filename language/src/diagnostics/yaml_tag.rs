//! `yaml-tag`: a YAML tag.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "yaml-tag",
    page: r"
Tags such as `!include` or `!!str` aren't supported.

```yaml
args:
  VERSION: !!str 1.10
```

Instead, write the value alone: where a string is expected, `1.10` stays `1.10` and `no` stays `no`.
",
};

/// Reports a tag.
pub fn tag(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "tags have no meaning in a Stagefile")
        .help("write the value alone; a string needs no tag, `1.10` stays `1.10`")
}
