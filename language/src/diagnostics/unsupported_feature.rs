//! `unsupported-feature`: something that this daemon is too old for.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unsupported-feature",
    page: r"
The file uses something that the daemon's BuildKit doesn't support yet. If something else does as well, that is used silently; if not, the
build fails before anything runs.

```yaml
steps:
  - symlink: /usr/bin/python     # needs BuildKit 0.20
    target: python3
```

To fix it, use a newer daemon, such as a new builder (`docker buildx create --use`), or do it in a `run` step:

```yaml
steps:
  - run: ln -s python3 /usr/bin/python
```
",
};

/// Reports what needs another daemon: what messages call it, the version of BuildKit that has it, and how BuildKit calls it.
pub fn unsupported_feature(what: &str, since: &str, capability: &str, span: Span) -> Diagnostic {
    let message = format!("{what} needs BuildKit {since} or newer; this daemon is older");
    Diagnostic::error(&CODE, span, message)
        .help(format!("the daemon lacks the capability `{capability}`"))
        .help("use a newer daemon, such as a new builder: `docker buildx create --use`")
}
