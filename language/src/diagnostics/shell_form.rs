//! `shell-form`: a shell starts the program of an image.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "shell-form",
    page: r#"
An `entrypoint` or `cmd` that is a single string is run by a shell, `/bin/sh -c` unless the image names another. The shell then gets the
signals, so `docker stop` times out and kills the program; arguments passed to `docker run` are lost; and an image without a shell, such as
`scratch` or a distroless image, doesn't start at all.

```yaml
stages:
  app:
    from: alpine
    image:
      entrypoint: /server --port 8080
```

To fix it, write it as a list:

```yaml
stages:
  app:
    from: alpine
    image:
      entrypoint: [/server, --port, "8080"]
```

If you need a shell, because the string has variables or several commands, name it:

```yaml
stages:
  app:
    from: alpine
    image:
      shell: [/bin/sh, -c]
      cmd: exec /server --port "$PORT"
```
"#,
};

/// Warns about a program that a shell starts; `list` is the equivalent without a shell, if it is certain.
pub fn shell_form(key: &str, span: Span, list: Option<String>) -> Diagnostic {
    let message = format!(
        "a shell starts this `{key}`: the shell receives the signals, and the image must contain it"
    );
    let warning = Diagnostic::warning(&CODE, span, message);
    match list {
        Some(list) => warning
            .help(format!("write it as a list: `{list}`"))
            .replace(list),
        None => warning.help(
            "write it as a list of the program and its arguments, or name the shell to use: `shell: [/bin/sh, -c]`",
        ),
    }
}
