//! `unknown-key`: a key that the language does not have in that place.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::suggestion::closest;
use crate::syntax::keys::{self, Table};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-key",
    page: r"
Only the keys of the manual may stand in a mapping; keys that begin with `x-` are free, for notes and anchors.

```yaml
stages:
  app:
    form: alpine
```

To put it right, take the key that is suggested, or move the key to where it belongs:

```yaml
stages:
  app:
    from: alpine
```
",
};

/// Reports a key that isn't in a table; says where it would belong if it is a step's option.
pub fn unknown_key(key: &str, span: Span, table: &'static Table) -> Diagnostic {
    let place = table.place;
    let error = Diagnostic::error(&CODE, span, format!("{place} has no key `{key}`"));
    let names: Vec<&str> = table.names().collect();
    if let Some((_, instead)) = DOCKERFILE_HABITS
        .iter()
        .find(|(habit, instead)| *habit == key && table.key(instead).is_some())
    {
        return error.suggest(Some(instead));
    }
    let is_code = place == keys::LINT.place && super::find(key).is_some();
    if is_code {
        return error.help(format!(
            "`{key}` is an error: nothing can be built of a file that has it, so it can't be switched off"
        ));
    }
    let elsewhere = ELSEWHERE
        .iter()
        .find(|other| other.place != place && other.key(key).is_some());
    // A key of another place is more likely misplaced than mistyped.
    let is_likely =
        |candidate: &&str| elsewhere.is_none() || strsim::osa_distance(key, candidate) < 2;
    if let Some(candidate) = closest(key, names.iter().copied()).filter(is_likely) {
        error.suggest(Some(candidate))
    } else {
        let error = match elsewhere {
            Some(other) => error.help(format!("`{key}` is a key of {}", other.place)),
            None => error,
        };
        error.help(format!("{place} has these keys: {}", names.join(", ")))
    }
}

/// What the same thing is called elsewhere, and here.
const DOCKERFILE_HABITS: [(&str, &str); 12] = [
    ("base", "from"),
    ("command", "cmd"),
    ("ports", "expose"),
    ("chown", "owner"),
    ("chmod", "mode"),
    ("dest", "to"),
    ("destination", "to"),
    ("source", "from"),
    ("depends_on", "requires"),
    ("depends-on", "requires"),
    ("needs", "requires"),
    ("working_dir", "workdir"),
];

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
