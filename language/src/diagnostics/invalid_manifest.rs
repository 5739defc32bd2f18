//! `invalid-manifest`: reports what is wrong with the text of a manifest.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-manifest",
    page: r"
A manifest that is built without a Stagefile, such as `go.mod` or `package.json`, isn't what its name says: it can't be read, or lacks
something that every manifest of its kind has.

```text
go 1.22
```

Instead, write it so that its language's tools can read it:

```text
module example.com/app

go 1.22
```
",
};

/// Reports what is wrong with the text of a manifest.
pub fn invalid_manifest(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, message)
}
