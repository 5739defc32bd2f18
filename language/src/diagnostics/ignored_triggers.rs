//! `ignored-triggers`: a base image with instructions for Dockerfiles.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "ignored-triggers",
    page: r"
The base image has `ONBUILD` instructions, which run in Dockerfiles that are based on the image. They are Dockerfile instructions about the
build context, so a Stagefile doesn't run them.

```yaml
from: python:3-onbuild     # ONBUILD COPY . /usr/src/app
```

To fix it, write steps that do the same, or use an image without such instructions:

```yaml
from: python:3
workdir: /usr/src/app
steps:
  - copy: .
```
",
};

/// Warns of instructions that are not run.
pub fn ignored_triggers(image: &str, triggers: &[String], span: Span) -> Diagnostic {
    let message = format!("the `ONBUILD` instructions of `{image}` are not run");
    let triggers: Vec<String> = triggers.iter().map(|one| format!("`{one}`")).collect();
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write steps that do the same: {}",
        triggers.join(", ")
    ))
}
