//! `unreadable-import`: an imported file that can't be read.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unreadable-import",
    page: r"
An import is a file of the build context, or of what its `from` names: an image, a repository, a named context or a file on a server. It
must exist before anything is built.

```yaml
imports:
  go: ci/go.yml            # the file is ci/go.yaml
stages:
  app: { from: go.build }
```

To fix it, check the path: it is relative to the root of the build context, not to the importing file. Only builds can fetch files from
elsewhere; the command line reads files from the context, and takes copies of the others with `--import NAME=FILE`.
",
};

/// Reports a file that can't be read, and why.
pub fn unreadable_import(file: &str, reason: &str, span: Span) -> Diagnostic {
    let message = format!("`{file}` can't be imported");
    Diagnostic::error(&CODE, span, message).label(reason)
}

/// Reports an address that stands where paths of files do.
pub fn import_of_address(file: &str, reason: &str, span: Span) -> Diagnostic {
    unreadable_import(file, reason, span)
        .help("a file on a server is imported with `from: { http: … }`")
}
