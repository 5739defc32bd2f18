//! `invalid-reference`: an invalid image reference.

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, ValuePosition};
use crate::source::Span;
use buildkit_llb::{Reference, ReferenceError};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-reference",
    page: r"
An image reference is `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`, with the name in lower case.

```yaml
from: Alpine:3.20
```

Instead:

```yaml
from: alpine:3.20
```
",
};

/// Returns a message that the file declares no argument with the name of a variable, with the most similar one that it
/// declares.
pub fn undeclared(name: &str, candidate: Option<&str>) -> String {
    match candidate {
        Some(candidate) => {
            format!("`args` declares no `{name}`; did you mean `${{{{ args.{candidate} }}}}`?")
        }
        None => format!("`args` declares no `{name}` yet: `args: {{ {name}: \"…\" }}`"),
    }
}

/// Reports a reference, and why it is invalid.
pub fn invalid_reference(reference: &str, reason: &ReferenceError, span: Span) -> Diagnostic {
    if let Some(words) = habits::form(ValuePosition::From, reference) {
        let message = format!("`{reference}` is not an image reference");
        return Diagnostic::error(&CODE, span, message).help(words);
    }
    let error = Diagnostic::error(&CODE, span, reason.to_string());
    let is_good = |text: &String| Reference::parse(text).is_ok();
    let lower = reference.to_lowercase();
    if matches!(reason, ReferenceError::UpperCase { .. }) && is_good(&lower) {
        return error
            .help(format!("names of images are in lower case: `{lower}`"))
            .replace(lower);
    }
    let tagged = reference.split_whitespace().collect::<Vec<_>>().join(":");
    if tagged != reference && is_good(&tagged) {
        return error.help(format!("did you mean `{tagged}`?"));
    }
    error
}
