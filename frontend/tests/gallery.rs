//! Examples that are compared with a Dockerfile are never longer than it.

use std::fs;
use std::path::Path;

/// Counts the lines that aren't empty or comments.
fn lines(path: &Path) -> usize {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count()
}

#[test]
fn no_example_is_longer_than_its_dockerfile() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut compared = 0;
    for entry in fs::read_dir(&examples).unwrap() {
        let folder = entry.unwrap().path();
        let dockerfiles = fs::read_dir(&folder).into_iter().flatten().flatten();
        let dockerfiles = dockerfiles.map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("Dockerfile")
        });
        // Each variant of a program has its own.
        let theirs: usize = dockerfiles.map(|path| lines(&path)).sum();
        if theirs == 0 {
            continue;
        }
        let ours = lines(&folder.join("Stagefile"));
        let name = folder.display();
        assert!(
            ours <= theirs,
            "{name}: {ours} lines, of the Dockerfile {theirs}"
        );
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.lines().count() > 5, "{name} lacks a README");
        let stagefile = fs::read_to_string(folder.join("Stagefile")).unwrap();
        assert!(
            stagefile.contains("assert: { size: "),
            "{name} has no limit of its size"
        );
        compared += 1;
    }
    assert!(compared >= 15, "{compared}");
}
