//! `unknown-key`: a key that the language does not have in that place.

use stagefile_text::suggestion::{closest, is_one_slip};

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, Instead};
use crate::source::Span;
use crate::syntax::keys::{self, Table};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-key",
    page: r"
A mapping can have only the keys in the manual; keys that begin with `x-` are ignored, for notes and anchors.

```yaml
stages:
  app:
    form: alpine
```

To fix it, use the suggested key, or move the key to where it belongs:

```yaml
stages:
  app:
    from: alpine
```
",
};

/// Reports a key that isn't in a table, with what replaces it or where it belongs.
pub fn unknown_key(key: &str, span: Span, table: &'static Table) -> Diagnostic {
    let place = table.place;
    let error = Diagnostic::error(&CODE, span, format!("{place} has no key `{key}`"));
    match habits::key(table, key) {
        Some(Instead::Key(instead)) => return error.suggest(Some(instead)),
        Some(Instead::Words(words)) => return error.help(words),
        None => {}
    }
    let is_code = place == keys::LINT.place && super::find(key).is_some();
    if is_code {
        return error.help(format!(
            "`{key}` is an error: nothing can be built from a file that has it, so it can't be switched off"
        ));
    }
    let elsewhere = ELSEWHERE
        .iter()
        .find(|other| other.place != place && other.key(key).is_some());
    let below = table.keys.iter().find(|row| {
        let inner = row.shape.record();
        inner.is_some_and(|inner| inner.key(key).is_some())
    });
    // A key that is valid elsewhere is more likely misplaced than mistyped.
    let is_misplaced = below.is_some() || elsewhere.is_some();
    let is_likely = |candidate: &&str| !is_misplaced || is_one_slip(key, candidate);
    if let Some(candidate) = closest(key, table.names()).filter(is_likely) {
        return error.suggest(Some(candidate));
    }
    if let Some(outer) = below {
        let outer = outer.name;
        return error.help(format!(
            "`{key}` is a key of `{outer}` here: `{outer}: {{ {key}: … }}`"
        ));
    }
    if let Some(other) = elsewhere {
        return error.help(format!("`{key}` is a key of {}", other.place));
    }
    let names: Vec<&str> = table.names().collect();
    error.help(format!("{place} has these keys: {}", names.join(", ")))
}

/// Reports a key of a step that is beside `steps`, with the same indentation as the dashes of the list.
pub fn key_beside_steps(key: &str, span: Span, table: &'static Table) -> Diagnostic {
    let place = table.place;
    Diagnostic::error(&CODE, span, format!("{place} has no key `{key}`")).help(format!(
        "`{key}` is a key of a step: to belong to the step above, it has to be indented by two more spaces"
    ))
}

/// Where a misplaced key probably belongs, the likeliest first.
static ELSEWHERE: [&Table; 10] = [
    &keys::RUN,
    &keys::STAGE,
    &keys::IMAGE,
    &keys::COPY,
    &keys::FILE,
    &keys::CACHE,
    &keys::SECRET,
    &keys::WRITE,
    &keys::HEALTHCHECK,
    &keys::SYMLINK,
];
