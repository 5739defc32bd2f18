//! `shell-syntax`: a script with syntax that its shell doesn't have.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "shell-syntax",
    page: r"
Scripts are run by `/bin/sh`, which is dash on Debian and Ubuntu and BusyBox on Alpine. These lack some features of bash: the step fails, or
does something else.

```yaml
stages:
  app:
    from: debian:12
    steps:
      - run: |
          source ./settings
          if [[ $MODE == fast ]]; then ./fast; fi
```

Instead, use only what every shell supports, or name the shell:

```yaml
stages:
  app:
    from: debian:12
    shell: [/bin/bash, -eu, -c]
    steps:
      - run: |
          source ./settings
          if [[ $MODE == fast ]]; then ./fast; fi
```
",
};

/// Warns about something that only bash has.
pub fn shell_syntax(found: &str, instead: &str, span: Span) -> Diagnostic {
    let message = format!("`/bin/sh` of this image has no {found}");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "{instead}, or set `shell: [/bin/bash, -eu, -c]` if the image has bash"
    ))
}
