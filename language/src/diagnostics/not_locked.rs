//! `not-locked`: the lock of a file lacks a name.

use crate::diagnostic::{Code, Diagnostic};
use crate::lock::{Kind, Name};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "not-locked",
    page: r"
The file has a lock, but an image, a repository or a download that the build uses isn't in it, so the build uses whatever its name refers to
today. With `--build-arg STAGEFILE_LOCK=require`, this is an error.

```yaml
stages:
  app:
    from: golang:1.23   # the lock has golang:1.22
```

To fix it, lock the file again: `docker buildx build --call lock . > Stagefile.lock`.
",
};

/// Warns of a name that a lock lacks.
pub fn not_locked(name: &Name, lock: &str, span: Span) -> Diagnostic {
    let what = match name.kind {
        Kind::Frontend => "the frontend",
        Kind::Image => "the image",
        Kind::Git => "the repository",
        Kind::Http => "the file",
    };
    let message = format!("{what} `{}` is not in {lock}", name.text);
    Diagnostic::warning(&CODE, span, message).help(format!(
        "lock the file again: `docker buildx build --call lock . > {lock}`"
    ))
}

/// Warns of a build by another frontend than the lock has.
pub fn other_frontend(
    name: &str,
    running: &str,
    pinned: &str,
    lock: &str,
    span: Span,
) -> Diagnostic {
    let message = format!("this frontend is `{name}@{running}`, and {lock} pins {pinned}");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "begin the file with `# syntax={name}@{pinned}`, or lock it again"
    ))
}
