//! `invalid-value`: a value that its key can not have.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, ValuePosition};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-value",
    page: r"
The value has the right type, but isn't valid: a mode that isn't octal, a duration without a unit, a port of 99999.

```yaml
network: off
```

To fix it, use one of the values that the manual lists:

```yaml
network: none
```
",
};

/// Reports a value, and what is expected.
pub fn invalid_value(key: &str, value: &str, span: Span, wanted: &str) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{key}` can't be `{value}`"))
        .help(format!("expected {wanted}"))
}

/// Reports a field of an operation that no daemon accepts, and that no check of the file has found.
pub fn refused_by_buildkit(field: &str, mistake: &dyn std::error::Error, span: Span) -> Diagnostic {
    Diagnostic::error(
        &CODE,
        span,
        format!("BuildKit refuses this: {field} {mistake}"),
    )
}

/// Reports a zero byte in something that is passed to a process.
pub fn zero_byte(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("{what} can't contain a zero byte"))
        .help("a string that is passed to a process ends there; write data to a file")
}

/// Reports a value that isn't one of the allowed words.
pub fn not_one_of(key: &str, value: &str, span: Span, words: &[&str]) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("`{key}` can't be `{value}`"))
        .suggest(closest(value, words.iter().copied()))
        .help(format!(
            "expected one of: {}",
            listed(words.iter().copied())
        ))
}

/// Reports a string that stands for a health check.
pub fn not_a_health_check(value: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("`healthcheck` can't be `{value}`"));
    match closest(value, ["none"]) {
        Some(none) => error.suggest(Some(none)),
        None => error.help(format!(
            "a check is a mapping, with the script as `run: {value}` below `healthcheck:`; `none` removes the base's"
        )),
    }
}

/// Reports something that isn't a platform, and why.
pub fn not_a_platform(
    key: &str,
    value: &str,
    span: Span,
    reason: &dyn std::error::Error,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("`{key}` can't be `{value}`"));
    match habits::form(ValuePosition::Platform, value) {
        Some(words) => error.help(words),
        None => error.help(format!(
            "expected `target`, `build`, or a platform such as linux/arm64 ({reason})"
        )),
    }
}

/// Reports that something is required although it has a default.
pub fn required_default(required: Span, default: Span) -> Diagnostic {
    let message =
        "a value with a default can't be `required`: if it isn't given, the default is used";
    Diagnostic::error(&CODE, required, message)
        .secondary(default, "the default")
        .help("remove one of the two")
}
