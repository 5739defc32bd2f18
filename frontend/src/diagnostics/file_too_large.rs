//! `file-too-large`: the file is larger than any Stagefile should be.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "file-too-large",
    page: r"
The size of a file is limited, so that nobody can make a build daemon's memory run out with one.

```yaml
# a file of more than 4 MiB
stages: {}
```

Instead, keep data in files of its own, and `copy` or `bind` them.
",
};

/// Reports the size of a file, in bytes, and the limit.
pub fn file_too_large(bytes: usize, limit: usize, start: Span) -> Diagnostic {
    let message = format!("the file has {bytes} bytes; the limit is {limit}");
    Diagnostic::error(&CODE, start, message)
        .help("keep data in files of its own, and `copy` or `bind` them")
}
