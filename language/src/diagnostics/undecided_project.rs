//! `undecided-project`: reports what a manifest leaves open.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "undecided-project",
    page: r"
A manifest that is built without a Stagefile, such as `go.mod` or `package.json`, doesn't say enough: there is no program, there are several
and one must be chosen for the image, or a file that belongs to the project is missing.

```text
docker buildx build --build-arg BUILDKIT_SYNTAX=stagefile/stagefile:dev -f go.mod .
```

To fix it, do what the message says: usually, pass a build argument, or add a file that one of the language's tools writes. Or write your
own Stagefile with `use: std.go` or a similar template, where nothing is guessed.
",
};

/// Reports what a manifest leaves open.
pub fn undecided_project(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
