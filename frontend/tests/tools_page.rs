//! docs/tools.md shows the program's output. `UPDATE_DOCS=1` writes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the folder of the documents.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Runs a command line of the page in a directory, and returns its output.
fn run(line: &str, directory: &Path) -> String {
    let (command, most) = match line.split_once(" | head -n ") {
        Some((command, most)) => (command, most.parse().expect("a number of lines")),
        None => (line, usize::MAX),
    };
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("stagefile"), "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_stagefile"))
        .args(words)
        .current_dir(directory)
        .output()
        .expect("a working machine");
    assert!(
        output.stdout.len() + output.stderr.len() > 0 || command.ends_with("--check"),
        "{line}"
    );
    let mut text = String::from_utf8(output.stdout).expect("text");
    if text.is_empty() {
        text = String::from_utf8(output.stderr).expect("text");
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = String::new();
    for line in lines.iter().take(most) {
        shown.push_str(line);
        shown.push('\n');
    }
    if lines.len() > most {
        shown.push_str("…\n");
    }
    // So that the page is the same on every machine.
    shown.replace("linux/arm64", "linux/amd64")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a working machine");
    for entry in fs::read_dir(from).expect("the example") {
        let entry = entry.expect("the example");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a working machine");
    }
}

/// Saves an image as a directory: layers of files, each with the step that made it.
fn save(directory: &Path) {
    type Layer<'a> = (&'a str, &'a [(&'a str, usize)]);
    let layers: [Layer<'_>; 3] = [
        (
            "ADD rootfs.tar / # buildkit",
            &[
                ("etc/ssl/certs/ca-certificates.crt", 216_000),
                ("usr/share/doc/ca-certificates/copyright", 18_000),
            ],
        ),
        (
            "copy server from build.server → /",
            &[("server", 4_400_000)],
        ),
        ("run chown 65532 /server", &[("server", 4_400_000)]),
    ];
    let (mut names, mut history) = (Vec::new(), Vec::new());
    for (number, (made_by, files)) in layers.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a working machine");
        for (path, size) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a working machine");
            fs::write(path, vec![1; *size]).expect("a working machine");
        }
        let name = format!("layer-{number}.tar");
        let packed = Command::new("tar")
            .arg("-cf")
            .arg(directory.join(&name))
            .arg("-C")
            .arg(folder.path())
            .arg(".")
            .status();
        assert!(packed.expect("a working machine").success());
        names.push(name);
        history.push(serde_json::json!({ "created_by": made_by }));
    }
    for (name, json) in [
        (
            "manifest.json",
            serde_json::json!([{ "Config": "config.json", "Layers": names }]),
        ),
        (
            "config.json",
            serde_json::json!({ "os": "linux", "architecture": "amd64", "history": history }),
        ),
    ] {
        fs::write(directory.join(name), json.to_string()).expect("a working machine");
    }
}

#[test]
fn its_transcripts_are_what_the_program_prints() {
    let machine = tempfile::tempdir().expect("a working machine");
    let example = folder().join("../examples/02-go-web");
    copy(&example, machine.path());
    let text = fs::read_to_string(example.join("Stagefile")).expect("the example");
    let changed = text.replace("go mod download", "go mod download -x");
    assert_ne!(changed, text);
    fs::create_dir(machine.path().join("new")).expect("a working machine");
    fs::write(machine.path().join("new/Stagefile"), changed).expect("a working machine");

    fs::create_dir(machine.path().join("saved")).expect("a working machine");
    save(&machine.path().join("saved"));

    let path = folder().join("tools.md");
    let page = fs::read_to_string(&path).expect("the page");
    let mut made = String::new();
    let mut lines = page.lines();
    let mut runs = 0;
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        made.push_str(&run(command, machine.path()));
        made.push_str("```\n");
        assert!(lines.any(|line| line == "```"), "{command}");
        runs += 1;
    }
    assert!(runs >= 10);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).expect("the page can be written");
    }
    let is_current = page == made || std::env::var_os("UPDATE_DOCS").is_some();
    assert!(
        is_current,
        "not current: UPDATE_DOCS=1 cargo test -p stagefile --test tools_page"
    );
}

#[test]
fn the_page_has_every_tool() {
    let page = fs::read_to_string(folder().join("tools.md")).expect("the page");
    let verbs = stagefile::tools::verbs::Verb::typed();
    for verb in verbs.chain(stagefile::tools::verbs::Verb::asked(false)) {
        let row = format!("| `{}` |", verb.name());
        let is_there = page.contains(&row) || verb.name() == "describe";
        assert!(is_there, "{row}");
    }
}
