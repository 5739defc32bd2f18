//! `unknown-action`: a step that does nothing the language knows.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::suggestion::closest;
use crate::syntax::keys::ACTIONS;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-action",
    page: r"
A step has one action: `run`, `copy`, `write`, `mkdir`, `remove`, `symlink`, `fetch`, `git`, `parallel` or `use`.

```yaml
steps:
  - rnu: make
```

To put it right, write the action that is meant:

```yaml
steps:
  - run: make
```
",
};

/// Reports a step without an action; `key` is the first key that it has instead.
pub fn no_action(key: Option<(&str, Span)>, span: Span) -> Diagnostic {
    let actions = ACTIONS.map(|table| table.keys[0].name);
    let Some((key, span)) = key else {
        return Diagnostic::error(&CODE, span, "this step does nothing")
            .help(format!("its action is one of: {}", actions.join(", ")));
    };
    let habits = [
        ("RUN", "run"),
        ("COPY", "copy"),
        ("ADD", "copy"),
        ("add", "copy"),
        ("sh", "run"),
        ("exec", "run"),
        ("rm", "remove"),
        ("delete", "remove"),
        ("file", "write"),
        ("link", "symlink"),
    ];
    let habit = habits
        .iter()
        .find(|(habit, _)| *habit == key)
        .map(|(_, action)| *action);
    let options = ACTIONS.iter().any(|table| table.key(key).is_some());
    let message = if options {
        format!("this step has `{key}`, but no action")
    } else {
        format!("`{key}` is not an action")
    };
    Diagnostic::error(&CODE, span, message)
        .suggest(habit.or_else(|| closest(key, actions).filter(|_| !options)))
        .help(format!("a step's action is one of: {}", actions.join(", ")))
}
