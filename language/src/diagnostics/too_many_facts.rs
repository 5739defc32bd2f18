//! `too-many-facts`: all stages together assert too much.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "too-many-facts",
    page: r"
The asserted facts of all stages are counted together: those of a template once per use, those of a stage with a matrix once per
combination. Each is written into the build graph.

```yaml
stages:
  app:
    matrix: { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] }
    assert:
      files:
        /srv/index.html: { contains: hello }
        # and hundreds more
```

Instead, assert facts about many paths with one wildcard pattern, or use templates and matrices less often.
",
};

/// Reports the assertions at which there are more facts than the limit.
pub fn too_many_facts(span: Span, limit: usize) -> Diagnostic {
    let message = format!("with these there are more than {limit} asserted facts in all stages");
    Diagnostic::error(&CODE, span, message)
        .help("paths may have wildcards; use templates and matrices less often")
}
