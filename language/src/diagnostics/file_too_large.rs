//! `file-too-large`: the file is larger than any Stagefile should be.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "file-too-large",
    page: r"
The size of a file is limited, so that a file can't use up the build daemon's memory.

```yaml
# a file of more than 4 MiB
stages: {}
```

Instead, keep data in separate files, and `copy` or `bind` them.
",
};

/// Reports the size of a file, in bytes, and the limit.
pub fn file_too_large(bytes: usize, limit: usize, start: Span) -> Diagnostic {
    let message = format!("the file has {bytes} bytes; the limit is {limit}");
    Diagnostic::error(&CODE, start, message)
        .help("keep data in separate files, and `copy` or `bind` them")
}
