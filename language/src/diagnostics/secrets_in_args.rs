//! `secrets-in-args`: a password or similar in a build argument or a variable of the image.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "secrets-in-args",
    page: r#"
Build arguments are recorded in the provenance of a build and, if scripts use them, in its history. Variables are in the image's config.
Everybody who has the image can read them.

```yaml
args: { NPM_TOKEN: }
stages:
  app:
    from: node:22-slim
    steps:
      - run: npm config set "//npm.example.com/:_authToken=${{ args.NPM_TOKEN }}" && npm ci
```

To fix it, make it a secret, and name it in the steps that use it:

```yaml
secrets: { npm-token: { env: NPM_TOKEN } }
stages:
  app:
    from: node:22-slim
    steps:
      - run: npm config set "//npm.example.com/:_authToken=$NPM_TOKEN" && npm ci
        secrets: [npm-token]
```

If a container needs a secret at run time, pass it to the container.
"#,
};

/// Warns of a build argument.
pub fn secret_argument(name: &str, span: Span) -> Diagnostic {
    let message = format!(
        "the argument `{name}` looks like a secret, and arguments can be read by everybody"
    );
    Diagnostic::warning(&CODE, span, message).help(format!(
        "make it a secret: `secrets: {{ {}: {{ env: {name} }} }}`",
        name.to_lowercase().replace('_', "-")
    ))
}

/// Warns of a variable of the image.
pub fn secret_variable(name: &str, span: Span) -> Diagnostic {
    let message = format!(
        "the variable `{name}` looks like a secret, and everybody who has the image can read it"
    );
    Diagnostic::warning(&CODE, span, message).help("pass it to the container when it starts")
}
