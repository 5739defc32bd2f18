//! `unknown-action`: a step that does nothing the language knows.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, Instead};
use crate::source::Span;
use crate::syntax::keys::{ACTIONS, ActionKind, STEP_OPTIONS};

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-action",
    page: r"
A step has one action: `run`, `copy`, `write`, `mkdir`, `remove`, `symlink`, `fetch`, `git`, `parallel` or `use`.

```yaml
steps:
  - rnu: make
```

To fix it, write the intended action:

```yaml
steps:
  - run: make
```
",
};

/// Reports a step without an action; `key` is the first key that it has instead, with its value if that is a string.
pub fn no_action(key: Option<(&str, Span, Option<&str>)>, span: Span) -> Diagnostic {
    let actions = ActionKind::ALL.map(|kind| kind.table().main());
    let all = format!("a step has one of these actions: {}", actions.join(", "));
    let Some((key, span, value)) = key else {
        return Diagnostic::error(&CODE, span, "this step has no action").help(all);
    };
    let owner = ACTIONS.iter().find(|table| table.key(key).is_some());
    let message = match owner {
        Some(_) => format!("this step has `{key}`, but no action"),
        None => format!("`{key}` is not an action"),
    };
    let error = Diagnostic::error(&CODE, span, message);
    match habits::step(key, value) {
        Some(Instead::Key(action)) => return error.suggest(Some(action)),
        Some(Instead::Words(words)) => return error.help(words),
        None => {}
    }
    match (owner, closest(key, actions)) {
        (Some(_), _) if STEP_OPTIONS.key(key).is_some() => error.help(all),
        // An option with its own dash.
        (Some(owner), _) => error.help(format!(
            "`{key}` is a key of {}: write it below that step's action, without a `-`",
            owner.place
        )),
        (None, Some(candidate)) => error.suggest(Some(candidate)),
        (None, None) => error.help(all),
    }
}
