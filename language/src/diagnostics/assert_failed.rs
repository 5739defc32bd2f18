//! `assert-failed`: a fact about an image that doesn't hold.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "assert-failed",
    page: r"
An assertion of a stage doesn't hold. Assertions about the image's config are checked before anything runs; files
and commands are checked when the stage is finished, at the same time as what it requires.

```yaml
stages:
  app:
    from: busybox:1.35
    image: { user: nobody }
    assert:
      image: { user: '1000' }      # it is `nobody`
      files: { /bin/sh: absent }   # busybox has one
```

To fix it, change the image or the assertion:

```yaml
    assert:
      image: { user: nobody }
      files: { /bin/sh: exists }
```
",
};

/// Reports a fact that doesn't hold, with what was found instead.
pub fn assert_failed(found: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error(&CODE, span, found)
}

#[cfg(test)]
mod tests {
    use stagefile_runner::FAILED;

    use super::CODE;

    /// The output of a check inside a build begins like what is rendered here.
    #[test]
    fn checks_call_it_the_same() {
        assert_eq!(FAILED, format!("error[{}]: ", CODE.name));
    }
}
