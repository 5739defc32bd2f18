//! `mount-conflict`: two mounts at one path.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "mount-conflict",
    page: r"
With two mounts at the same path, a script would see only one of them.

```yaml
steps:
  - run: npm ci
    bind: [web/package.json, api/package.json]
```

To fix it, let the paths keep their directories, or mount them at different paths:

```yaml
steps:
  - run: npm ci
    bind: { paths: [web/package.json, api/package.json], parents: true }
```

`/run/stagefile` is reserved: the frontend mounts its own program there for `timeout`, `retry`, `limits` and `assert`, and scripts that are
passed as files.
",
};

/// Reports the second of two mounts.
pub fn mount_conflict(path: &str, span: Span, first: Span) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("`{path}` is mounted twice"));
    let error = if first == span {
        error
    } else {
        error.label("the second").secondary(first, "the first")
    };
    error.help(
        "choose another path with `to`; with `parents: true`, bound paths keep their directories",
    )
}

/// Reports a mount that would hide the whole file system.
pub fn mount_at_root(span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, "nothing can be mounted at `/`")
        .help("name a directory with `to`, or set the `workdir`")
}

/// Reports a mount that would replace one of the frontend's own mounts.
pub fn reserved_mount(path: &str, reserved: &str, span: Span) -> Diagnostic {
    let message = if path == reserved {
        format!("`{path}` is reserved for the frontend's own mounts")
    } else {
        format!(
            "nothing can be mounted at `{path}`: `{reserved}` is reserved for the frontend's own mounts"
        )
    };
    Diagnostic::error(&CODE, span, message).help("choose another path")
}
