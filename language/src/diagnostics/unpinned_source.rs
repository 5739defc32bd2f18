//! `unpinned-source`: something from the network that may be another thing tomorrow.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub static CODE: Code = Code {
    name: "unpinned-source",
    page: r"
Without a checksum, a download is whatever the server sends: the same file may build another image tomorrow, and nobody would notice.

```yaml
steps:
  - fetch: https://example.com/tool.tar.gz
```

To fix it, add the checksum; `sha256sum` prints the checksum of a file that you trust:

```yaml
steps:
  - fetch: https://example.com/tool.tar.gz
    checksum: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
```
",
};

/// Warns of a download that nothing pins.
pub fn unpinned_download(url: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        &CODE,
        span,
        format!("`{url}` is not pinned: its content may change"),
    )
    .help("add the expected checksum: `checksum: sha256:…`")
}
