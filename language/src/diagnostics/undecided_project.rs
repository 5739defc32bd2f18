//! `undecided-project`: reports what a manifest leaves open.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "undecided-project",
    page: r"
A manifest that is built without a Stagefile, such as `go.mod` or `package.json`, doesn't say enough: there is no program, there are several
of which one has to be the image's, or a file is missing that belongs to the project.

```text
docker buildx build --build-arg BUILDKIT_SYNTAX=stagefile/stagefile:dev -f go.mod .
```

To fix it, do what the message says: mostly that is a build argument, or a file that a tool of the language writes. Or begin a Stagefile
of your own with `use: std.go` and its relatives, in which nothing is guessed.
",
};

/// Reports what a manifest leaves open.
pub fn undecided_project(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
