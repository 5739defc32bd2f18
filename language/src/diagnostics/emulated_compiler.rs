//! `emulated-compiler`: a compiler that is emulated and could run natively.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "emulated-compiler",
    page: r#"
The stage runs on the platform of the image, which is not that of the build machine, so its programs are emulated: a compiler takes five to
twenty times as long. This compiler can cross-compile for another platform.

```yaml
stages:
  build:
    from: golang:1.22          # built with --platform linux/arm64 on amd64
    steps:
      - run: go build -o /out/server .
        bind: .
        outputs: { server: /out }
```

Instead, run the stage on the build platform, and tell the compiler the target platform:

```yaml
stages:
  build:
    from: golang:1.22
    platform: build
    env: { GOOS: "${{ platform.target.os }}", GOARCH: "${{ platform.target.arch }}" }
    steps:
      - run: go build -o /out/server .
        bind: .
        outputs: { server: /out }
```
"#,
};

/// Warns about a compiler that runs on a platform that the machine only emulates.
pub fn emulated_compiler(command: &str, platform: &str, help: &str, span: Span) -> Diagnostic {
    let message = format!("`{command}` runs emulated, on {platform}");
    Diagnostic::warning(&CODE, span, message).help(help)
}
