//! `foreign-file`: a file for another tool.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "foreign-file",
    page: r"
The file was written for another tool: it is a Dockerfile, a Compose file, or a CI configuration.

```yaml
services:
  app:
    build: .
```

Instead, pass the file that has `stages`. A Compose file names it under `build`, and the file's own `# syntax=` line says what it is:

```yml
services:
  app:
    build: { context: ., dockerfile: Stagefile }
```

A build recognizes a Dockerfile even if its first line names this frontend. To move it over, see [Coming from a
Dockerfile](from-dockerfile.md).
",
};

/// Reports a key that files for another tool begin with.
pub fn foreign_file(span: Span, tool: &str) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("this looks like {tool}, not a Stagefile"))
        .help("a Stagefile has its `stages` at the top level, each with what it starts `from` and its `steps`")
}

/// Reports a Dockerfile.
pub fn dockerfile(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "this is a Dockerfile, not a Stagefile").help(
        "a build recognizes it; in a Stagefile, `FROM node:22` is `stages: { app: { from: \"node:22\" } }`",
    )
}
