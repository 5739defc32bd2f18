//! `parallel-packages`: two branches that change the database of one package manager.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "parallel-packages",
    page: r"
Branches of `parallel` start from the same files. If two change the same file, the later branch wins. A package manager's database is one
file or a few, so it lists only what the later branch installed. The files of the other packages are there, but the package manager doesn't
know about them: it can't remove or upgrade them, and scanners don't report them.

```yaml
steps:
  - parallel:
      - - run: apt-get update && apt-get install -y curl
      - - run: apt-get update && apt-get install -y git
```

Instead, install all packages of one package manager in the same branch, or before the branches:

```yaml
steps:
  - run: apt-get update && apt-get install -y curl git
  - parallel:
      - - run: npm ci
      - - run: pip install -r requirements.txt
```
",
};

/// Warns about two branches that install packages with the same package manager, at both commands.
pub fn parallel_packages(manager: &str, second: Span, first: Span) -> Diagnostic {
    let message = format!("two branches of `parallel` install packages with {manager}");
    Diagnostic::warning(&CODE, second, message)
        .label("replaces the database of the other branch")
        .secondary(first, "its packages are forgotten")
        .help("install them in one branch, or before `parallel`")
}
