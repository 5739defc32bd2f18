//! `foreign-syntax`: a value that looks like another tool's notation.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "foreign-syntax",
    page: r"
The value would be used literally, but looks like something else: a list of commands, as in CI systems, or the flags and paths of a
Dockerfile's `COPY`. A list is one program with its arguments, and an item of `copy` is one path.

```yaml
steps:
  - run: [npm ci, npm run build]
  - copy: --from=build /out/app /usr/bin/
```

Instead, write the commands as a script, and options as keys:

```yaml
steps:
  - run: |
      npm ci
      npm run build
  - copy: /out/app
    from: build
    to: /usr/bin/
```

If a program or a path really has such a name, turn the warning off:

```yaml
lint: { foreign-syntax: off }
```
",
};

/// Warns of a program whose name has a space in it.
pub fn foreign_command(program: &str, span: Span, words: String) -> Diagnostic {
    let message = format!("`{program}` is taken as the name of one program, spaces included");
    Diagnostic::warning(&CODE, span, message).help(words)
}

/// Warns of a path that looks like options and several paths.
pub fn foreign_path(path: &str, span: Span, words: String) -> Diagnostic {
    let message = format!("`{path}` is taken as one path, spaces included");
    Diagnostic::warning(&CODE, span, message).help(words)
}
