//! Dockerfiles that are given to this frontend: the daemon's own frontend builds them.

use buildkit_gateway::context::{Contexts, Entrypoint, Forward};
use buildkit_gateway::{BuildResult, Failure, Warning};

/// Tells whether a file is a Dockerfile: its first instruction is `FROM` or `ARG`.
pub(super) fn is_dockerfile(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let mut words = first.into_iter().flat_map(str::split_whitespace);
    let instruction = words.next().is_some_and(|word| {
        ["FROM", "ARG"]
            .iter()
            .any(|instruction| word.eq_ignore_ascii_case(instruction))
    });
    // In YAML, a colon may stand apart from its key.
    instruction && words.next().is_some_and(|word| !word.starts_with(':'))
}

/// Has a Dockerfile built as if the client had asked for that, and says so.
pub(super) async fn forward(
    contexts: &Contexts,
    file: &Entrypoint,
) -> Result<BuildResult, Failure> {
    let hint = format!("{} is a Dockerfile, and is built as one", file.filename());
    let warning = Warning::new(hint).detail("to build a Stagefile, begin with `stages:`; a Dockerfile needs no `# syntax=` of this frontend");
    // The build is the same without the hint.
    _ = contexts.warn(file, warning.at(file.lines(1, 1))).await;
    contexts.forward(&Forward::to_dockerfile(), file).await
}

#[cfg(test)]
mod tests {
    use super::is_dockerfile;

    #[test]
    fn dockerfiles_are_told_from_stagefiles() {
        for (text, expected) in [
            ("# syntax=stagefile/stagefile:1\nFROM alpine\n", true),
            ("\u{feff}\n  from alpine AS x", true),
            ("ARG X=1\nFROM x", true),
            ("from: alpine", false),
            ("args: {}", false),
            ("arg : 1", false),
            ("", false),
            ("# FROM x\nstages: {}", false),
        ] {
            assert_eq!(is_dockerfile(text.as_bytes()), expected, "{text}");
        }
    }
}
