//! `unknown-name`: a name in an expression that nothing defines.

use stagefile_text::suggestion::{closest, listed};

use crate::diagnostic::{Code, Diagnostic};
use crate::expression::Known;
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-name",
    page: r#"
Expressions may use `args.NAME` for the arguments that the file declares, `platform.target` and `platform.build` with `os`, `arch`,
`variant` and `string`, `stage.name` and `target`; in a stage with a matrix, `matrix.NAME`; in a template, `inputs.NAME`; and in a stage's
steps, settings and image, `base.env`, `base.user`, `base.workdir`, `base.entrypoint`, `base.cmd` and `base.labels`, the config of what the
stage starts from. A stage's `from`, `platform` and `if` are evaluated before that config is known.

```yaml
args:
  GO_VERSION: "1.22"
stages:
  app:
    from: golang:${{ args.GOVERSION }}
```

To fix it, use the suggested name, or declare the argument. For a value that the base may not have, give a default:
`base.env.?NAME.orValue("none")`, or `"NAME" in base.env ? … : …`.
"#,
};

/// Reports a name.
pub fn unknown_name(name: &str, span: Span, candidate: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("there is no `{name}`")).suggest(candidate);
    if name == "base" {
        return error.help(
            "what a stage starts from is known to its options, its steps and its image, and to `defaults`, but not here",
        );
    }
    error.help(
        "the names are: args, platform, stage, target; `base`, `matrix` and `inputs` where they exist",
    )
}

/// Reports a variable or a label that the base doesn't have.
pub fn absent_in_base(name: &str, written: &str, base: &Known, span: Span) -> Diagnostic {
    let of = if written.contains("base.labels") {
        "labels"
    } else {
        "env"
    };
    let message = format!("what the stage starts from has no `{name}`");
    Diagnostic::error(&CODE, span, message)
        .suggest(closest(name, base.names()))
        .help(format!(
            "if it may be missing, give a default: `base.{of}.?{name}.orValue(\"…\")`, or ask `\"{name}\" in base.{of}`"
        ))
}

/// Reports a variable that a matrix doesn't have.
pub fn unknown_variable<'a>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    Diagnostic::error(&CODE, span, format!("the matrix has no variable `{name}`"))
        .suggest(closest(name, known.clone()))
        .help(format!("the variables are: {}", listed(known)))
}

/// Reports an unknown member of a name, and the members that it has.
pub fn unknown_member<'a, Members: Iterator<Item = &'a str>>(
    of: &str,
    name: &str,
    span: Span,
    members: impl Fn() -> Members,
) -> Diagnostic {
    let error = Diagnostic::error(&CODE, span, format!("`{of}` has no `{name}`"));
    if let Some(candidate) = closest(name, members()) {
        return error.suggest(Some(candidate));
    }
    match (of, members().next()) {
        ("args", _) => error.help(format!(
            "declare it: `args: {{ {name}: … }}` at the top level"
        )),
        // What other tools call the target platform, as in `$TARGETARCH`.
        ("target", None) if matches!(name, "arch" | "os" | "variant" | "platform" | "string") => {
            let field = if name == "platform" { "string" } else { name };
            error.help(format!(
                "did you mean `platform.target.{field}`? `target` is the stage that the client named"
            ))
        }
        (_, None) => error.help(format!("`{of}` is a single value")),
        _ => error.help(format!("it has: {}", listed(members()))),
    }
}
