//! `script-too-long`: a program can't be started, since one of its arguments is too long.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "script-too-long",
    page: r"
Linux doesn't start a program with an argument of 128 KiB or more. Long scripts are written to a file by themselves where the `shell` is
known to read one: `sh` and its relatives, and whatever takes a script after `-c` or `-e`. Others, and programs that are given as a
list, get theirs as an argument.

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
