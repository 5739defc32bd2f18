//! `unexpanded-variable`: `$NAME` or `~` where no shell replaces it.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unexpanded-variable",
    page: r#"
Only shells expand `$NAME` and `~`. In a path or in the value of a variable, they are used literally: `$PATH` is five characters, not the
base image's value. In an image with such a `PATH`, nothing starts, so that is an error; other cases are a warning.

```yaml
stages:
  app:
    from: python:3.11-slim
    workdir: $HOME/app
    image:
      env: { PATH: "/venv/bin:$PATH" }
```

To fix it, use an expression, which can have the value of the base image, of an argument or of a platform:

```yaml
stages:
  app:
    from: python:3.11-slim
    workdir: /root/app
    image:
      env: { PATH: "/venv/bin:${{ base.env.PATH }}" }
```

If the characters are meant literally, write an expression: `${{ "$" }}PATH`.
"#,
};

/// Reports a variable that is meant to be extended; `value` is one that does that, if it is certain.
pub fn unextended_variable(
    name: &str,
    expression: &str,
    value: Option<String>,
    span: Span,
) -> Diagnostic {
    let error = Diagnostic::error(
        &CODE,
        span,
        format!("`${name}` is not replaced by the value that the base has"),
    );
    match value {
        Some(value) => error
            .help(format!("write `{name}: {value}`"))
            .replace(value),
        None => error.help(format!("write `{expression}` in its place")),
    }
}

/// Warns of a variable that nothing replaces.
pub fn unexpanded_variable(written: &str, expression: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is not replaced here: only shells do that");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write `{expression}` in its place, or the value itself"
    ))
}

/// Warns about a variable in the value of another one beside it.
pub fn variable_of_another(written: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is not replaced here: only shells do that");
    Diagnostic::warning(&CODE, span, message).help(
        "write the value itself; a value that several variables share can be an argument of the file: `${{ args.NAME }}`",
    )
}

/// Warns of a `~` that nothing replaces.
pub fn unexpanded_home(rest: &str, span: Span) -> Diagnostic {
    let message = "`~` is not replaced here: only shells do that";
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write the directory, such as `/root{rest}`, or `${{{{ base.env.HOME }}}}{rest}` if the base image sets it"
    ))
}
