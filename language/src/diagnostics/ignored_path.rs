//! `ignored-path`: a path of a context that its ignore file excludes.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "ignored-path",
    page: r"
Paths excluded by `.dockerignore`, or by the file's own `Stagefile.dockerignore` in its place, are not sent to the daemon. For the build,
they don't exist, although they are in the context's directory. Named contexts have their own `.dockerignore`. If a line is not a valid
pattern, it excludes nothing, and the context can't be read.

```yaml
stages:
  app:
    from: nginx:1.27
    steps:
      - copy: dist/
        to: /usr/share/nginx/html/
```

To fix it, remove that line from the ignore file, or add a line below it that includes the path again: `!dist`. Copy files that another
stage makes from that stage: `from: build.dist`.
",
};

/// A line of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreLine<'a> {
    /// The file's name.
    pub file: &'a str,
    /// The number of the line, counted from 1.
    pub number: usize,
    /// The pattern on the line.
    pub pattern: &'a str,
}

/// Reports a line of an ignore file that isn't a pattern, at a path that the build needs from the context.
pub fn invalid_ignore_pattern(place: &str, span: Span, line: &IgnoreLine<'_>) -> Diagnostic {
    let IgnoreLine {
        file,
        number,
        pattern,
    } = line;
    let message = format!("{place} can't be read: line {number} of {file} is not a pattern");
    Diagnostic::error(&CODE, span, message).help(format!(
        "in `{pattern}`, a `[…]` or a `\\` is incomplete; escape a `[` with a backslash: `\\[`"
    ))
}

/// Reports a path, with the line that excludes it.
pub fn ignored_path(path: &str, place: &str, span: Span, line: &IgnoreLine<'_>) -> Diagnostic {
    let IgnoreLine {
        file,
        number,
        pattern,
    } = line;
    let message = format!("`{path}` is excluded from {place}");
    Diagnostic::error(&CODE, span, message)
        .label(format!("by `{pattern}` in line {number} of {file}"))
        .help(format!(
            "remove that line from {file}, or add `!{path}` below it"
        ))
}
