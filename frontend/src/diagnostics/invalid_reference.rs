//! `invalid-reference`: an image reference that is not one.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-reference",
    page: r"
An image reference is `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`, its name in lower case.

```yaml
from: Alpine:3.20
```

Instead:

```yaml
from: alpine:3.20
```
",
};

/// Reports a reference and why it isn't one.
pub fn invalid_reference(reference: &str, reason: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!("`{reference}` is not an image reference: {reason}"),
    );
    if reference.contains("://") || reference.starts_with("git@") {
        return error.help(format!(
            "a repository is written `{{ git: '{reference}' }}`, a file on a server `{{ http: '{reference}' }}`"
        ));
    }
    let lower = reference.to_lowercase();
    if lower == reference {
        error
    } else {
        error.help(format!("names of images are in lower case: `{lower}`"))
    }
}
