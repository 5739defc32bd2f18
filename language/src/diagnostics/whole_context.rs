//! `whole-context`: the whole build context is used, with what nobody needs of it.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "whole-context",
    page: r"
A step uses the whole build context, and no `.dockerignore` excludes anything. Directories such as `.git` or `node_modules` are sent to the
daemon and may enter the image, and every change in them runs the step again.

```yaml
steps:
  - copy: .
```

Instead, name the paths that the step needs, or write a `.dockerignore` with a line for each directory that no build needs:

```text
.git
node_modules
```
",
};

/// Warns of a use of everything where directories are that no build needs.
pub fn whole_context(needless: &[&str], span: Span) -> Diagnostic {
    let names: Vec<String> = needless.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("the whole build context includes {}", names.join(", "));
    Diagnostic::warning(&CODE, span, message)
        .help(format!("write {} to `.dockerignore`", names.join(", ")))
}
