//! `merge-key`: the merge key `<<`.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "merge-key",
    page: r"
`<<` is not part of YAML 1.2, and what it merges is hard to see.

```yaml
stages:
  test:
    <<: *common
```

Instead, write what stages have in common under `defaults`, or start one stage from another:

```yaml
defaults:
  workdir: /src
```
",
};

/// Reports a `<<`.
pub fn merge_key(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "`<<` doesn't merge here")
        .help("write what stages share under `defaults`, or start one stage `from` another")
}
