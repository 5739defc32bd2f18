//! `root-user`: an image whose program runs as root.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "root-user",
    page: r#"
Nothing sets the user of the image, so its program runs as root unless the base image says otherwise. A bug in the program then has full
rights inside the container. This warning is off unless `lint` enables it: many images have to start as root.

```yaml
lint: { root-user: warning }
stages:
  app:
    from: debian:12
    image:
      cmd: [/usr/bin/server]
```

Instead, set a user, by number if the image has no list of users:

```yaml
stages:
  app:
    from: debian:12
    image:
      user: "65532:65532"
      cmd: [/usr/bin/server]
```
"#,
};

/// Warns of an image that names a program and no user.
pub fn root_user(stage: &str, span: Span) -> Diagnostic {
    let message = format!("the image of `{stage}` runs its program as root");
    Diagnostic::warning(&CODE, span, message)
        .help("set `user` in `image`, such as `user: \"65532:65532\"`")
}
