//! Tests that the graph is a function of the file: the same bytes in every run.

use std::path::Path;

use stagefile_tests::{Docker, frontend, repository};

/// Runs `stagefile llb` of the frontend's image on an example and returns what it writes.
fn llb(example: &Path) -> Vec<u8> {
    let docker = Docker::connect();
    let mut command = docker.command();
    command
        .args(["run", "--rm", "--network=none", "--volume"])
        .arg(format!("{}:/project:ro", example.display()))
        .args([&frontend(), "llb", "/project/Stagefile"]);
    let finished = docker.finish(command);
    assert!(
        finished.status.success(),
        "stagefile llb failed:\n{}",
        finished.stderr
    );
    finished.stdout
}

#[test]
fn two_runs_write_the_same_bytes() {
    let examples = repository().canonicalize().unwrap().join("examples");
    for name in [
        "01-hello",
        "02-go-web",
        "03-node-page",
        "04-python-secrets",
        "05-monorepo",
    ] {
        let first = llb(&examples.join(name));
        // Every graph begins with field 1 of a definition, an operation.
        assert_eq!(first.first(), Some(&0x0a), "{name} is no definition");
        for _ in 0..2 {
            assert_eq!(
                llb(&examples.join(name)),
                first,
                "{name} differs from run to run"
            );
        }
    }
}
