//! Bounds on the cost of large files, and of what they expand to.

use crate::{folder, stagefile};

/// A hostile file takes time and text in proportion to its size.
#[test]
fn large_files_are_checked_in_time() {
    let many = |line: &str| format!("FROM alpine\n{}", line.repeat(100_000 / line.len()));
    for (what, text) in [
        ("mistakes", many("COPPY x\n")),
        ("findings", many("ENV a $b\n")),
        ("signals", many("STOPSIGNAL NO\n")),
        ("maintainers", many("MAINTAINER x\n")),
        ("stages", many("FROM alpine AS a\n")),
        (
            "continuations",
            format!("FROM alpine\nENV a={}", "$b\\\n".repeat(20_000)),
        ),
        (
            "empty lines",
            format!("FROM alpine\nRUN x\\\n{}", "\n".repeat(100_000)),
        ),
        (
            "one line",
            format!("FROM alpine\nLABEL a={}\n", "$x".repeat(30_000)),
        ),
        (
            "words",
            format!("FROM alpine\nLABEL {}\n", "$a=\"$b\" ".repeat(8_000)),
        ),
    ] {
        let folder = folder(&[("Dockerfile", text.as_str())]);
        let start = std::time::Instant::now();
        let said = stagefile(folder.path(), &["check", "--fix", "-"], &text);
        assert!(said.code == 0 || said.code == 1, "{what}: {}", said.code);
        assert!(
            start.elapsed().as_secs() < 60,
            "{what}: {:?}",
            start.elapsed()
        );
    }
}

/// A few instructions can expand to more than fits in memory.
#[test]
fn what_instructions_repeat_is_limited() {
    for line in ["EXPOSE 1-65535\n", "WORKDIR abcdefghij\n"] {
        let text = format!("FROM alpine\n{}", line.repeat(10_000));
        let folder = folder(&[("Dockerfile", text.as_str())]);
        let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
        assert_eq!(said.code, 1, "{line}");
        let limit = "the instructions are larger than 16 MiB together";
        assert_eq!(said.out.matches(limit).count(), 1, "{line}: {}", said.out);
    }
    let variables: Vec<String> = (0..3_000)
        .map(|number| format!("ENV VARIABLE_{number}=x\n"))
        .collect();
    let variables = variables.concat();
    let text = format!("FROM alpine\n{variables}{}", "RUN true\n".repeat(3_000));
    let folder = folder(&[("Dockerfile", text.as_str())]);
    let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
    assert_eq!(said.code, 1);
    let limit = "the variables that all processes are given are larger than 64 MiB together";
    assert_eq!(said.out.matches(limit).count(), 1, "{}", said.out);
}
