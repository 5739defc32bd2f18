//! `unset-variable`: a script reads a variable that is one elsewhere, but not in the script.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unset-variable",
    page: r#"
Arguments and platforms are values in the file, not variables in scripts: `$TARGETARCH` is unset, and a script stops at an unset variable. A
secret is a variable only in steps that name it, and the variables of `image.env` belong to the finished image.

```yaml
args: { APP: shop }
stages:
  app:
    from: alpine:3.20
    steps:
      - run: make "$APP" ARCH=$TARGETARCH
```

To fix it, use an expression, or make it a variable:

```yaml
args: { APP: shop }
stages:
  app:
    from: alpine:3.20
    env: { APP: "${{ args.APP }}" }
    steps:
      - run: make "$APP" ARCH=${{ platform.target.arch }}
```

There is no warning about variables that the base image or the script itself sets, nor about `${NAME:-…}`.
"#,
};

/// Warns of an argument or a platform that is read as a variable.
pub fn value_as_variable(name: &str, what: &str, expression: &str, span: Span) -> Diagnostic {
    let message = format!("`${name}` is not set in this script: {what}");
    let warning = Diagnostic::warning(&CODE, span, message);
    warning.help(format!(
        "write `{expression}`, or make it a variable: `env: {{ {name}: \"{expression}\" }}`"
    ))
}

/// Warns of a secret that the step doesn't name.
pub fn unnamed_secret(name: &str, secret: &str, span: Span) -> Diagnostic {
    let message = format!(
        "`${name}` is not set in this script: it is the secret `{secret}`, which the step doesn't name"
    );
    Diagnostic::warning(&CODE, span, message).help(format!("add `secrets: [{secret}]` to the step"))
}

/// Warns of a variable of the finished image.
pub fn variable_of_image(name: &str, span: Span) -> Diagnostic {
    let message =
        format!("`${name}` is not set in this script: `image.env` is for the finished image");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write `{name}` in `env` of the stage too, which is for its steps"
    ))
}
