//! `unquoted-value`: a value in a script that a shell takes for more than a word.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unquoted-value",
    page: r#"
The value of an expression is inserted into a script as it is. The shell then interprets a quote, a `$` or a `;` in it, whatever quotes are
written around the expression.

```yaml
args: { MESSAGE: "it's $HOME" }
stages:
  app:
    from: alpine:3.20
    steps:
      - run: echo "${{ args.MESSAGE }}" > /message
```

To fix it, quote it with `sh()`, with no other quotes around it:

```yaml
args: { MESSAGE: "it's $HOME" }
stages:
  app:
    from: alpine:3.20
    steps:
      - run: echo ${{ sh(args.MESSAGE) }} > /message
```
"#,
};

/// Warns of a value with a letter that the shell takes as its own.
pub fn unquoted_value(written: &str, letter: char, span: Span) -> Diagnostic {
    let letter = match letter {
        '\n' => "line end".to_owned(),
        letter => format!("`{letter}`"),
    };
    let message =
        format!("the value of `{written}` has a {letter}, which the shell interprets here");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "write `${{{{ sh({written}) }}}}`, without quotes around it"
    ))
}
