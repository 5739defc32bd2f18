//! `script-too-long`: a program can't be started, since one of its arguments is too long.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "script-too-long",
    page: r"
Linux doesn't start a program with an argument of 128 KiB or more. Long scripts are automatically written to a file if the `shell` is known
to read one: `sh` and related shells, and anything that takes a script after `-c` or `-e`. Other shells get the script as an argument, as do
programs given as a list.

```yaml
steps:
  - run: |
      # 200 KiB of commands
    shell: [pwsh, -Command]
```

To fix it, begin the script with `#!` and the interpreter that reads it:

```yaml
steps:
  - run: |
      #!/usr/bin/env pwsh
      # 200 KiB of commands
```
",
};

/// Reports a script, or an argument, that is too long.
pub fn script_too_long(length: usize, is_script: bool, span: Span) -> Diagnostic {
    let (what, help) = if is_script {
        (
            "this script",
            "begin it with `#!` and its interpreter, and it is run as a file",
        )
    } else {
        ("an argument of this program", "pass it as a file")
    };
    let message = format!(
        "{what} has {length} bytes; Linux starts no program with an argument of 128 KiB or more"
    );
    Diagnostic::error(&CODE, span, message).help(help)
}
