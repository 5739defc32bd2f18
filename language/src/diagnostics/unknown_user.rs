//! `unknown-user`: a user name in an image without a list of users.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "unknown-user",
    page: r"
User and group names are looked up in `/etc/passwd` and `/etc/group` of the stage. A stage from `scratch` has neither until a step adds
them, so names can't be looked up there. BuildKit would fail, or silently make root the owner of files. If only the number of a script's
user is given, its group is looked up as well.

```yaml
stages:
  app:
    from: scratch
    steps:
      - copy: server
        owner: app
    image: { user: app }
```

To fix it, use numbers for user and group, which need no lookup, or copy the two files first:

```yaml
stages:
  app:
    from: scratch
    steps:
      - copy: server
        owner: 1000:1000
    image: { user: '1000' }
```

For the user of the image, this is a warning, since a container may be started with its own files. If a stage starts from an image, the list
of users is read from the built image. It isn't read if a script names the user, if the base starts as that user, if the target copies and
binds nothing, or with `--cache-from`, where the daemon would have to download layers for it.
",
};

/// Reports the name of a user or a group that owns files or runs a script.
pub fn unknown_user(name: &str, span: Span) -> Diagnostic {
    explained(Diagnostic::error(&CODE, span, message(name)))
}

/// Warns about the name of the user that an image starts as.
pub fn perhaps_unknown_user(name: &str, span: Span) -> Diagnostic {
    explained(Diagnostic::warning(&CODE, span, message(name)))
}

/// Warns about the user that an image starts as, if its list of users lacks that name.
pub fn no_such_user(name: &str, candidate: Option<&str>, span: Span) -> Diagnostic {
    let message = format!("the image has no user `{name}`");
    let help = match candidate {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => {
            "create it in a step, such as with `adduser`, or write numbers, such as `1000:1000`"
                .to_owned()
        }
    };
    Diagnostic::warning(&CODE, span, message).help(help)
}

fn message(name: &str) -> String {
    format!("`{name}` can't be looked up: this stage has no `/etc/passwd` and `/etc/group`")
}

fn explained(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("write numbers, such as `1000:1000`, or copy these files first")
}
