//! `not-allowed`: a step does what the client has to allow.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "not-allowed",
    page: r"
A step that is `privileged`, or that uses the host's `network` or certain `devices`, can do more to the machine than a build usually can, so
both the client and the builder must allow it.

```yaml
steps:
  - run: mount -t tmpfs none /mnt
    privileged: true
```

To fix it, build with `--allow security.insecure`, `--allow network.host` or `--allow device=NAME`; in a bake file, set `entitlements` of
the target, and pass `--allow` when you run it. A builder must allow it when it is created:
`docker buildx create --buildkitd-flags '--allow-insecure-entitlement security.insecure'`, or `builder.entitlements` in the settings of
Docker's own daemon.
",
};

/// Reports a step that does something the client hasn't allowed.
pub fn not_allowed(key: &str, entitlement: &str, span: Span) -> Diagnostic {
    let message = format!("`{key}` is not allowed in this build");
    Diagnostic::error(&CODE, span, message)
        .help(format!("add `--allow {entitlement}` to the build command"))
}
