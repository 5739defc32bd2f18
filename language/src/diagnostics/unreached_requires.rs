//! `unreached-requires`: requirements that a default build does not check.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unreached-requires",
    page: r"
`requires` takes effect when its stage is built. The default target doesn't need this stage, so a build without `--target` runs neither the
stage nor what it requires. This warning is off unless `lint` enables it: a file may have many targets.

```yaml
lint: { unreached-requires: warning }
target: app
stages:
  build:
    from: alpine:3.20
  test:
    from: build
    steps: [{ run: ./test }]
  checked:
    from: build
    requires: [test]
  app:
    from: build
```

Instead, write `requires` in the stage that is built, or start from the one that has it:

```yaml
stages:
  app:
    from: build
    requires: [test]
```
",
};

/// Warns of a requirement of a stage that the default target doesn't need.
pub fn unreached_requires(stage: &str, target: &str, span: Span) -> Diagnostic {
    let message =
        format!("`{target}`, the default target, doesn't need `{stage}`, so this is not checked");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write `requires` in `{target}`, or build `--target {stage}` as well"
    ))
}
