//! Tests of the package: which files users get with it, and what they have to compile.

use std::process::Command;

/// Runs cargo, and returns its output lines.
fn cargo(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--package", "stagefile-llb"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).expect("text");
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn examples_are_in_the_package_and_vectors_are_not() {
    let files = cargo(&["package", "--list", "--allow-dirty"]);
    for file in [
        "LICENSE",
        "README.md",
        "examples/llb-01-image/main.rs",
        "examples/llb-05-errors/steps.txt",
        "src/lib.rs",
    ] {
        assert!(files.iter().any(|listed| listed == file), "{file}");
    }
    let vector = files.iter().find(|file| file.starts_with("tests/"));
    assert_eq!(vector, None);
}

/// A library that opens no connection needs no dependency that could.
#[test]
fn no_runtime_and_no_transport_is_compiled() {
    let tree = cargo(&["tree", "--edges", "normal", "--prefix", "none"]);
    assert!(tree.iter().any(|line| line.starts_with("prost ")));
    for name in ["tonic ", "tokio ", "tracing ", "http ", "hyper ", "tower"] {
        let found = tree.iter().find(|line| line.starts_with(name));
        assert_eq!(found, None);
    }
}
