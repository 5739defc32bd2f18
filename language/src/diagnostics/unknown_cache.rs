//! `unknown-cache`: a cache that is neither defined nor a preset.

use stagefile_text::suggestion::closest;

use crate::diagnostic::{Code, Diagnostic};
use crate::habits::{self, ValuePosition};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-cache",
    page: r"
`caches` takes names of the file's `caches`, presets, and long forms.

```yaml
- run: go build ./...
  caches: [gomod]
```

To fix it, use a preset, or define the cache:

```yaml
- run: go build ./...
  caches: [go]
```
",
};

/// Reports the name of a cache.
pub fn unknown_cache<'a>(
    name: &str,
    span: Span,
    defined: impl Iterator<Item = &'a str>,
    presets: &[&'a str],
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no cache `{name}`"));
    if let Some(words) = habits::form(ValuePosition::Cache, name) {
        return error.help(words);
    }
    match closest(name, defined.chain(presets.iter().copied())) {
        Some(candidate) => error.suggest(Some(candidate)),
        None => error.help(format!(
            "the presets are: {}; define others under `caches` at the top level",
            presets.join(", ")
        )),
    }
}
