//! Shell completions.

use std::fs;
use std::process::Command;

use crate::{folder, stagefile};

#[test]
fn shells_complete_verbs_options_and_values() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish"] {
        let script = stagefile(folder.path(), &["completions", shell], "").out;
        for word in ["graph", "mermaid", "diff"] {
            assert!(script.contains(word), "{shell}: {script}");
        }
        fs::write(folder.path().join(shell), script).expect("a working machine");
    }
    let complete = |words: &str, at: usize| {
        let script = format!(
            "source ./bash; COMP_WORDS=({words}); COMP_CWORD={at}; _stagefile; echo \"${{COMPREPLY[*]}}\""
        );
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output();
        String::from_utf8(output.expect("bash").stdout).expect("text")
    };
    assert_eq!(complete("stagefile gr", 1), "graph\n");
    assert_eq!(complete("stagefile graph --format m", 3), "mermaid\n");
    assert_eq!(complete("stagefile completions f", 2), "fish\n");
    assert_eq!(complete("stagefile diff --ta", 2), "--targets --target\n");
    assert_eq!(complete("stagefile graph --format = m", 4), "mermaid\n");
    // The shell completes files itself.
    assert_eq!(complete("stagefile graph ''", 2), "\n");
    assert_eq!(complete("stagefile graph --context ''", 3), "\n");
}

/// Only runs where fish is installed.
#[test]
fn fish_completes_what_bash_does() {
    let folder = folder(&[("Stagefile", "")]);
    let script = stagefile(folder.path(), &["completions", "fish"], "").out;
    fs::write(folder.path().join("fish"), script).expect("a working machine");
    let complete = |line: &str| {
        let output = Command::new("fish")
            .args(["-c", &format!("source ./fish; complete -C '{line}'")])
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .output();
        let lines = String::from_utf8(output.ok()?.stdout).expect("text");
        let words = lines.lines().filter_map(|line| line.split('\t').next());
        Some(words.map(str::to_owned).collect::<Vec<_>>())
    };
    for (line, expected) in [
        ("stagefile gr", &["graph"][..]),
        ("stagefile graph --format m", &["mermaid"]),
        ("stagefile completions ", &["bash", "fish", "zsh"]),
        ("stagefile check St", &["Stagefile"]),
    ] {
        let Some(words) = complete(line) else {
            return;
        };
        assert_eq!(words, expected, "{line}");
    }
    let verbs = complete("stagefile ").unwrap_or_default();
    assert!(!verbs.contains(&"Stagefile".to_owned()), "{verbs:?}");
}
