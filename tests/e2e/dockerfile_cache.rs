//! Tests that nothing runs again when this frontend takes over from Docker's own, or the other way around.

use std::collections::BTreeMap;
use std::fs;

use stagefile_tests::{Image, Outcome, Project, frontend, repository};

/// The folder of the files: Dockerfiles like those that people write. Each step has the token, or comes after one that
/// has it: a step that another test happens to run at the same time would be shown as having run.
const FOLDER: &str = "tests/e2e/dockerfile_cache";

/// An empty archive.
const ARCHIVE: [u8; 1024] = [0; 1024];

/// Returns the files, by name.
fn dockerfiles() -> Vec<(String, String)> {
    let entries = fs::read_dir(repository().join(FOLDER)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths
        .map(|path| {
            let name = path.file_name().unwrap_or_default().display();
            let text = fs::read_to_string(&path).expect("a Dockerfile can be read");
            (name.to_string(), text)
        })
        .collect();
    files.sort();
    assert!(files.len() >= 8, "files are missing");
    files
}

fn project() -> Project {
    let project = Project::new("")
        .with_file("manifest", "name = app\n")
        .with_file("manifest.lock", "a 1\nb 2\n")
        .with_file("src/main", "main\n")
        .with_file("src/more/other", "other\n")
        .with_file(".dockerignore", "Stagefile\n.dockerignore\nsrc/ignored\n")
        .with_file("src/ignored", "ignored\n");
    fs::write(project.path().join("archive.tar"), ARCHIVE).expect("an archive can be written");
    project
}

fn build(project: &Project, text: &str) -> Image {
    project.write("Stagefile", text);
    project.build().image()
}

/// Returns the steps of the file, and whether they came from the cache. Progress may name a step twice, if what is
/// known about its inputs changes.
fn steps(outcome: &Outcome) -> BTreeMap<String, bool> {
    let is_of_the_file = |name: &str| {
        ["ADD ", "COPY ", "LINK ", "RUN ", "WORKDIR "]
            .iter()
            .any(|keyword| name.contains(&format!("] {keyword}")))
    };
    let steps = outcome.steps().into_iter();
    let mut found = BTreeMap::new();
    for step in steps.filter(|step| is_of_the_file(&step.name)) {
        *found.entry(step.name).or_insert(true) &= step.cached;
    }
    found
}

/// Returns the history, except health checks, which the frontend in Docker 28.5 writes differently from newer ones.
fn history(image: &Image) -> Vec<String> {
    let history = image.history();
    let lines = history
        .lines()
        .filter(|line| !line.starts_with("HEALTHCHECK"));
    lines.map(str::to_owned).collect()
}

/// Builds each file with one frontend and then with the other: both have the same steps, the second takes all of them
/// from the cache, and the images are the same.
#[track_caller]
fn assert_taken_over(first: impl Fn(&str) -> String, second: impl Fn(&str) -> String) {
    for (name, text) in dockerfiles() {
        let project = project();
        let before = build(&project, &first(&text));
        let after = build(&project, &second(&text));
        let (ran, taken) = (steps(before.outcome()), steps(after.outcome()));
        assert!(ran.len() >= 3, "{name}: {}", before.outcome().text());
        assert!(
            ran.values().any(|cached| !cached),
            "{name}: nothing was built at first"
        );
        assert!(ran.keys().eq(taken.keys()), "{name}: {ran:?} {taken:?}");
        for (step, cached) in &taken {
            let text = after.outcome().text();
            assert!(*cached, "{name}: `{step}` ran again:\n{text}");
        }
        let (before_it, after_it) = (before.inspect(), after.inspect());
        for part in [
            "Config",
            "RootFS",
            "Architecture",
            "Os",
            "Created",
            "Author",
        ] {
            assert_eq!(before_it[part], after_it[part], "{name}: {part}");
        }
        assert_eq!(history(&before), history(&after), "{name}");
    }
}

/// Puts our `# syntax=` line before a file. Directives stay at the top.
fn ours(text: &str) -> String {
    format!("# syntax={}\n{text}", frontend())
}

#[test]
fn what_dockers_frontend_built_is_taken_over_file_by_file() {
    assert_taken_over(str::to_owned, ours);
}

#[test]
fn what_this_frontend_built_dockers_takes_over_file_by_file() {
    assert_taken_over(ours, str::to_owned);
}
