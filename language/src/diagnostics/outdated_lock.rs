//! `outdated-lock`: a lock that pins something unavailable, or something that isn't meant.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "outdated-lock",
    page: r"
The lock pins an image to a digest that its registry doesn't have (any more), or to the manifest of a single platform. An image for several
platforms must be pinned by the digest of its index, which `docker buildx imagetools inspect` prints first.

```yaml
images:
  golang:1.22: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
```

To fix it, pin it again: `docker buildx build --call 'lock update golang:1.22' .` prints the lock with another digest for this image.
",
};

/// Reports a pin of an image that isn't available.
pub fn pinned_image_missing(name: &str, reason: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` isn't available as it is pinned here: {reason}");
    Diagnostic::error(&CODE, span, message).help(update(name))
}

/// Reports a pin of an image to one platform's manifest.
pub fn pinned_to_platform(name: &str, pinned: &str, wanted: &str, span: Span) -> Diagnostic {
    let message =
        format!("`{name}` is pinned to its image for {pinned}, and the build is for {wanted}");
    Diagnostic::error(&CODE, span, message)
        .help("pin the index, which has all platforms")
        .help(update(name))
}

fn update(name: &str) -> String {
    format!(
        "`docker buildx build --call 'lock update {name}' .` prints the lock with what it is now"
    )
}
