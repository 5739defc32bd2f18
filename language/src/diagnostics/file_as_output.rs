//! `file-as-output`: an output of a step that a script uses as a file.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "file-as-output",
    page: r"
The `outputs` of a `run` step are directories, created before the script runs. A script that writes a file with that name fails
(`Is a directory`), or puts the file inside the directory, where nobody looks for it.

```yaml
stages:
  build:
    from: golang:1.25
    steps:
      - run: go build -o /out/server ./cmd/server
        bind: .
        outputs: { server: /out/server }
```

Instead, name the directory that contains the file, and copy the file from there: `copy: server` with `from: build.out`.

```yaml
stages:
  build:
    from: golang:1.25
    steps:
      - run: go build -o /out/server ./cmd/server
        bind: .
        outputs: { out: /out }
```

The `outputs` of a stage are paths in the finished stage, and may be files.
",
};

/// Warns about the path of an output that looks like that of a file, with the directory that contains it.
pub fn file_as_output(path: &str, directory: &str, span: Span) -> Diagnostic {
    let message = format!("`{path}` looks like a file; an output of a step is a directory");
    Diagnostic::warning(&CODE, span, message).help(format!(
        "name its directory, `{directory}`, or use the stage's `outputs`, which may be files"
    ))
}
