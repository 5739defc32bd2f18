//! Tests of the dependencies of the language and the lowering: data goes in and out, and nothing opens connections.

use std::process::Command;

#[test]
fn nothing_below_a_session_knows_a_connection() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none"])
        .args([
            "--package",
            "stagefile-lower",
            "--package",
            "stagefile-language",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let tree = String::from_utf8(output.stdout).expect("text");
    assert!(tree.contains("stagefile-runner "));
    for name in ["stagefile-gateway ", "tokio ", "tonic ", "hyper ", "clap "] {
        let found = tree.lines().find(|line| line.starts_with(name));
        assert_eq!(found, None);
    }
}
