//! `missing-path`: a path that the build context, a stage, an image or another source doesn't have.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "missing-path",
    page: r"
Without `from`, `copy`, `bind` and `mounts` take files from the build context. A path must exist, and a pattern must match something. The
same is true of files in stages, images, repositories and other contexts, but these are checked only when they are built.

```yaml
stages:
  app:
    from: node:22
    steps:
      - copy: [package.json, package-lock.jsn]
```

To fix it, write the actual path, relative to the root of the context. If something may be missing, write `optional: true`. Copy files that
another stage makes from that stage: `from: build.dist`. Paths in stages and images start at the root, whatever the workdir is. What a
script wrote into a `bind`, a cache or a `tmpfs` isn't in its stage: name it in the step's `outputs`.

In a build, this is an error. A check only warns about paths in the build context, since the file may be created before the build begins.
",
};

/// What is known about such a path.
#[derive(Clone, Copy, Debug)]
pub struct MissingPath<'a> {
    /// The path, or a pattern.
    pub path: &'a str,
    /// Whether it is a pattern.
    pub is_pattern: bool,
    /// What doesn't have it: "the build context", "the stage `build`".
    pub place: &'a str,
    /// A similar path that exists.
    pub candidate: Option<&'a str>,
    /// An output that may be meant: `stage.output`.
    pub output: Option<&'a str>,
    /// The location of the path.
    pub span: Span,
}

/// Reports a path for a build.
pub fn missing_path(what: &MissingPath<'_>) -> Diagnostic {
    explained(Diagnostic::error(&CODE, what.span, message(what)), what)
}

/// Warns about a path that has to exist when the build begins.
pub fn perhaps_missing_path(what: &MissingPath<'_>) -> Diagnostic {
    explained(Diagnostic::warning(&CODE, what.span, message(what)), what)
}

/// Reports a pattern of a bind that matches nothing.
pub fn no_match(pattern: &str, place: &str, span: Span) -> Diagnostic {
    let message = format!("nothing in {place} matches `{pattern}`");
    Diagnostic::error(&CODE, span, message)
}

fn message(what: &MissingPath<'_>) -> String {
    let MissingPath { path, place, .. } = what;
    if what.is_pattern {
        format!("nothing in {place} matches `{path}`")
    } else {
        format!("there is no `{path}` in {place}")
    }
}

fn explained(mut diagnostic: Diagnostic, what: &MissingPath<'_>) -> Diagnostic {
    if let Some(candidate) = what.candidate {
        diagnostic = diagnostic.help(format!("did you mean `{candidate}`?"));
    }
    if let Some(output) = what.output {
        diagnostic = diagnostic.help(format!("if you mean the output, write `from: {output}`"));
    }
    diagnostic
}
