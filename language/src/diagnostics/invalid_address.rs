//! `invalid-address`: an invalid address of a source.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-address",
    page: r"
`git` takes the URL of a repository (`https://…`, `ssh://…`, `git@HOST:PATH`). `http` and `fetch` take the URL of a single file, whose last
part is the file's name. `oci-layout` takes a layout of the client, with the digest of the image in it.

```yaml
stages:
  sources:
    from: { git: 'https://example.com/project?ref=v1' }
  archive:
    from: { http: 'https://example.com/download/' }
```

Instead:

```yaml
stages:
  sources:
    from: { git: 'https://example.com/project.git', ref: v1 }
  archive:
    from: { http: 'https://example.com/download/', filename: archive.tar }
```
",
};

/// Reports an address, and why it is invalid.
pub fn invalid_address(kind: &str, address: &str, reason: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("`{kind}` can't be `{address}`"));
    error.help(reason.to_owned())
}

/// Reports the address of a file that has no name.
pub fn nameless_download(address: &str, span: Span) -> Diagnostic {
    let message = format!("`{address}` has no file name");
    Diagnostic::error(&CODE, span, message).help("add `filename: …`")
}

/// Reports an image of an OCI layout, and why it is invalid.
pub fn invalid_layout(image: &str, reason: &str, span: Span) -> Diagnostic {
    invalid_address("oci-layout", image, reason, span)
        .help("it is `NAME@sha256:…`: the client's name for the layout, and the image's digest")
}
