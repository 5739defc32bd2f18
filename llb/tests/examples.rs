//! Runs every example, and checks the graph that it writes.
//!
//! The expected graph is in `tree.txt` beside each example, where users can read it, too.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use buildkit_llb::{Definition, Graph};

/// Compiles an example into the directory that this test is in.
#[track_caller]
fn program(example: &str) -> PathBuf {
    // With the features that the whole workspace has: for this package alone, what it uses would be compiled again.
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--example", example])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "{example} doesn't compile");
    let this = env::current_exe().expect("the path of this test");
    let directory = this.parent().and_then(Path::parent);
    directory
        .expect("cargo's directory of this profile")
        .join("examples")
        .join(example)
}

#[track_caller]
fn check(example: &str, arguments: &[&str], tree: &str) {
    let output = Command::new(program(example))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the example can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{example}: {errors}");
    let definition = Definition::from_bytes(output.stdout).expect("a definition");
    let graph = Graph::read(&definition).expect("a graph").to_string();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(example)
        .join(tree);
    if env::var_os("UPDATE_TREES").is_some() {
        fs::write(&path, &graph).expect("the file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        graph, expected,
        "{example}; UPDATE_TREES=1 writes {tree} anew"
    );
}

#[test]
fn image() {
    check("llb-01-image", &["linux/amd64"], "tree.txt");
}

#[test]
fn build() {
    check("llb-02-build", &["linux/amd64"], "tree.txt");
}

#[test]
fn checks() {
    check("llb-03-checks", &["linux/amd64"], "tree.txt");
    check("llb-03-checks", &["linux/amd64", "--old"], "tree-old.txt");
}

#[test]
fn layers() {
    check("llb-04-layers", &["linux/amd64"], "tree.txt");
}

#[test]
fn errors() {
    let steps = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/llb-05-errors/steps.txt"
    );
    check("llb-05-errors", &[steps, "linux/amd64"], "tree.txt");
}
