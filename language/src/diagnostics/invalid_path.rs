//! `invalid-path`: a path that can not be used in that place.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-path",
    page: r"
Paths in an image start at its root or at the workdir; paths in a context must stay inside it.

```yaml
steps:
  - copy: ../shared/lib
```

Instead, make the parent directory the build context, or pass the other directory as a named context:
`docker buildx build --build-context shared=../shared .` and `from: { context: shared }`.

```yaml
steps:
  - copy: lib
    from: { context: shared }
```
",
};

/// Reports a path of a context that leaves it.
pub fn path_outside(path: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{path}` is outside the build context"))
        .help("pass the other directory as a named context: `--build-context NAME=DIR`, and `from: { context: NAME }`")
}

/// Reports a path that is empty, or contains a zero byte.
pub fn invalid_path(path: &str, span: Span, reason: &str) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("`{path}` can't be a path here: {reason}"),
    )
}

/// Reports a pattern in a `bind` of a stage, whose files are only known after it is built.
pub fn pattern_of_a_stage(path: &str, span: Span) -> Diagnostic {
    let message =
        format!("`{path}` is a pattern, and the files of a stage are known only when it is built");
    Diagnostic::error(&CODE, span, message)
        .help("bind the directory, with the pattern in `include`")
        .help("if a file has exactly this name, add `glob: false`")
}

/// Reports a path of a step that is an invalid pattern.
pub fn invalid_pattern(step: &str, path: &str, span: Span) -> Diagnostic {
    let message = format!("`{path}` is not a valid pattern: a `[…]` or a `\\` in it is incomplete");
    let error = Diagnostic::error(&CODE, span, message);
    if step == "remove" {
        return error.help("if a file has exactly this name, leave out `glob`");
    }
    error.help("if a file has exactly this name, add `glob: false`")
}

/// Reports a pattern in a `bind` that matches too many paths: each would be a mount.
pub fn too_many_matches(path: &str, span: Span, limit: usize) -> Diagnostic {
    let message = format!("`{path}` matches more than {limit} paths");
    Diagnostic::error(&CODE, span, message)
        .help("bind the directory, with the pattern in `include`")
}
