//! Projects without a Stagefile: the generated one is valid, and the command line prints it and works on it.

use std::fs;
use std::path::Path;
use std::process::Command;

use buildkit_llb::Platform;
use stagefile::tools::check::lowered;
use stagefile_language::driver::check;
use stagefile_language::expression::Platforms;
use stagefile_language::plan::{Request, Vcs};
use stagefile_language::source::Source;
use tempfile::TempDir;

/// The Stagefiles that rules generate, as recorded by their own tests.
fn recorded() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../projects/tests/cases");
    let snapshots = fs::read_dir(folder)
        .expect("a working machine")
        .map(|entry| entry.expect("a working machine").path());
    let snapshots = snapshots.filter(|path| path.extension().is_some_and(|end| end == "snap"));
    let texts = snapshots.filter_map(|path| {
        let snapshot = fs::read_to_string(&path).expect("a working machine");
        let (_, text) = snapshot
            .split_once("---\n")
            .expect("a working machine")
            .1
            .split_once("---\n")
            .expect("a working machine");
        let name = path
            .file_stem()
            .expect("a working machine")
            .to_string_lossy()
            .into_owned();
        text.starts_with("# syntax=")
            .then(|| (name, text.to_owned()))
    });
    texts.collect()
}

/// A generated Stagefile has no mistakes, for any platform, with or without tests.
#[test]
fn nothing_is_wrong_with_what_is_made() {
    let recorded = recorded();
    assert!(recorded.len() > 5);
    for (name, text) in recorded {
        let has_tests = text.contains("\n  TEST: ");
        for (architecture, test) in [("amd64", "on"), ("arm64", "off")] {
            let request = Request {
                args: has_tests
                    .then(|| ("TEST".to_owned(), test.to_owned()))
                    .into_iter()
                    .collect(),
                target: None,
                platforms: Platforms {
                    target: Platform::new("linux", architecture),
                    build: Platform::new("linux", "amd64"),
                },
                contexts: None,
                vcs: Vcs::default(),
            };
            let checked = lowered(check(&Source::new(name.as_str(), text.as_str()), &request));
            assert_eq!(checked.report(), "", "{name}:\n{text}");
        }
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a working machine");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a working machine")).expect("a working machine");
        fs::write(path, text).expect("a working machine");
    }
    folder
}

/// Runs the program, and returns whether it succeeded and what it printed.
fn stagefile(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_stagefile"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("a working machine");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8(said).expect("a working machine"),
    )
}

#[test]
fn a_manifest_is_a_file_of_the_command_line() {
    let folder = folder(&[
        ("api/go.mod", "module example.com/api\n\ngo 1.22\n"),
        ("api/main.go", "package main\n"),
        ("lib/go.mod", "module example.com/lib\n"),
        ("broken/go.mod", "go 1.22\n"),
        ("site/composer.json", "{}\n"),
        ("none/README.md", ""),
    ]);
    let root = folder.path();
    for (arguments, good, words) in [
        (&["init", "api"][..], true, "image: ${{ args.BASE }}\n"),
        (&["init", "api/go.mod"], true, "      source: api\n"),
        (
            &["check", "api/go.mod"],
            true,
            "Stagefile of api/go.mod: no problems",
        ),
        (&["outline", "api/go.mod"], true, "TARGET: api\n"),
        (
            &["llb", "--format", "text", "api/go.mod"],
            true,
            "golang:1.22-bookworm",
        ),
        (
            &["check", "api"],
            false,
            "`stagefile init` makes a Stagefile of go.mod",
        ),
        (
            &["init", "none"],
            false,
            "there is no manifest in none: go.mod",
        ),
        (
            &["init", "lib"],
            false,
            "error[undecided-project]: there is no program",
        ),
        (&["check", "lib/go.mod"], false, " --> lib/go.mod:1:1"),
        (
            &["init", "broken"],
            false,
            "error[invalid-manifest]: there is no `module` line",
        ),
        (
            &["init", "site/composer.json"],
            false,
            "error[unsupported-project]: `composer.json` (PHP)",
        ),
        (
            &["init", "--context", "api", "lib/go.mod"],
            false,
            "is not in the build context api",
        ),
    ] {
        let (succeeded, said) = stagefile(root, arguments);
        assert_eq!(succeeded, good, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    // Existing files aren't overwritten.
    assert!(!root.join("api/Stagefile").exists());
}
