//! Runs the commands of the pages about CI and clusters as written, on two daemons that share a registry.
//!
//! `scripts/test pages` provides the daemons, the registry and the images, and sets their addresses: the first daemon's
//! as for any Docker client, the second's in `SECOND_DOCKER_HOST` and `SECOND_DOCKER_CONFIG`, the registry's in
//! `REGISTRY`.

mod block;
mod faults;
mod proxy;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use block::{Block, Expected, Machine, blocks};
use stagefile_tests::{Outcome, repository, token};
use tempfile::TempDir;

#[test]
fn the_commands_of_the_page_about_ci_do_what_it_says() {
    let registry = scanner();
    // On the private daemon, a scanner has no network unless it gets the client's.
    run(
        "ci.md",
        "shell",
        &format!("SCANNER={registry} NPM_TOKEN=token-123\nexport NPM_TOKEN\n{HOST}"),
    );
}

#[test]
fn the_commands_of_the_page_about_clusters_do_what_it_says() {
    run("clusters.md", "shell", "");
}

#[test]
fn the_commands_of_the_page_about_many_repositories_do_what_it_says() {
    run("fleet.md", "fleet", "");
}

#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    // Compilers have no other network to download from.
    run("guide.md", "go", HOST);
}

/// This reports mistakes in a page before any daemon has worked on it.
#[test]
fn of_each_block_of_the_pages_it_is_known_what_it_does() {
    for page in ["guide.md", "ci.md", "clusters.md", "fleet.md"] {
        let text = fs::read_to_string(repository().join("docs").join(page));
        assert!(!blocks(&text.expect("the page can be read")).is_empty());
    }
}

/// Makes builds use the client's network: the private daemon gives containers no network.
const HOST: &str = "docker() { if [ \"$1 $2\" = 'buildx build' ]; then shift 2; command docker buildx build --network host \"$@\"; else command docker \"$@\"; fi; }\n";

/// Pushes an SBOM scanner to the registry, and returns its name.
fn scanner() -> String {
    let project = project("scanner");
    let name = format!(
        "{}/{}/scanner",
        variable("REGISTRY"),
        namespace(project.path())
    );
    let build =
        format!("docker buildx build -f Stagefile --tag {name} --push .\ndocker rmi {name}");
    let (success, outcome) = shell(Machine::First, project.path(), &build);
    assert!(success, "{}", outcome.text());
    name
}

/// Runs all commands of a page, in order, in one checkout of a project.
#[track_caller]
fn run(page: &str, project_name: &str, before: &str) {
    // One page after the other: one may need what another exports or deletes.
    static ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let text =
        fs::read_to_string(repository().join("docs").join(page)).expect("the page can be read");
    let project = project(project_name);
    let _images = Images(namespace(project.path()));
    let blocks = blocks(&text);
    assert!(blocks.len() > 2, "{page} has hardly anything to run");
    let mut last = None;
    for block in blocks {
        let machine = block.machine;
        if block.new {
            let (success, outcome) =
                shell(machine, project.path(), "docker buildx prune --all --force");
            assert!(success, "{}", outcome.text());
        }
        let (success, outcome) = shell(
            machine,
            project.path(),
            &format!("{before}{}", block.script),
        );
        let fails = block.expected.contains(&Expected::Fails);
        assert_eq!(
            success,
            !fails,
            "{page}:{}: the commands should {}:\n{}",
            block.line,
            if fails { "fail" } else { "succeed" },
            outcome.text()
        );
        check(&block, &outcome, project.path(), last.as_deref());
        last = manifest(outcome.text()).map(str::to_owned).or(last);
    }
}

/// The images that the commands of a page leave in the first daemon, which may be the user's. They are removed at the
/// end.
struct Images(String);

impl Drop for Images {
    fn drop(&mut self) {
        let registry = variable("REGISTRY");
        let namespace = &self.0;
        let names = [
            format!("reference={registry}/{namespace}/*"),
            format!("reference={registry}/{namespace}/*/*"),
            "reference=stagefile-guide*".to_owned(),
        ];
        let mut list = Command::new("docker");
        list.args(["images", "--format", "{{.Repository}}:{{.Tag}}"]);
        list.args(names.iter().flat_map(|name| ["--filter", name]));
        let output = list.output().map(|output| output.stdout);
        let images = String::from_utf8_lossy(&output.unwrap_or_default()).into_owned();
        // Errors are ignored: the images take little space, and a failed test has something more important to report.
        _ = Command::new("docker")
            .arg("rmi")
            .args(images.lines())
            .output();
    }
}

/// Finds the digest of the image that a build exports, without its attestations.
fn manifest(output: &str) -> Option<&str> {
    let (_, rest) = output.split_once("exporting manifest ")?;
    rest.split_whitespace().next()
}

fn check(block: &Block, outcome: &Outcome, project: &Path, last: Option<&str>) {
    for expected in &block.expected {
        match expected {
            Expected::Shows(text) => outcome.assert_shows(text),
            Expected::Lacks(text) => {
                assert!(
                    !outcome.text().contains(text),
                    "{text}:\n{}",
                    outcome.text()
                );
            }
            Expected::Cached(step) => outcome.assert_cached(step),
            Expected::HasFile(path) => {
                assert!(
                    project.join(path).is_file(),
                    "there should be a file {path}"
                );
            }
            Expected::NothingRuns => {
                let mut steps = outcome.steps();
                steps.retain(|step| {
                    ["[deps ", "[test ", "[app "]
                        .iter()
                        .any(|stage| step.name.starts_with(stage))
                });
                assert!(
                    steps.len() > 2 && steps.iter().all(|step| step.cached),
                    "nothing should run:\n{}",
                    outcome.text()
                );
            }
            Expected::SameImage => {
                assert!(last.is_some(), "no image was built before");
                assert_eq!(manifest(outcome.text()), last, "{}", outcome.text());
            }
            Expected::Fails => {}
        }
    }
}

/// Makes a checkout of the project that the pages assume. Nothing of it is in any cache.
fn project(name: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary folder can be made");
    let token = token();
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("pages")
        .join(name);
    copy(&source, directory.path(), &token);
    // The pages restore a file with Git.
    for arguments in [
        "init -q",
        "add .",
        "-c user.name=a -c user.email=a@example.com commit -qm first",
    ] {
        let status = Command::new("git")
            .args(arguments.split(' '))
            .current_dir(directory.path())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "git {arguments}"
        );
    }
    directory
}

/// Copies the files of a project, with a token that is in no cache.
fn copy(from: &Path, to: &Path, token: &str) {
    for file in fs::read_dir(from).expect("the project can be listed") {
        let file = file.expect("the project can be listed");
        let target = to.join(file.file_name());
        if file.path().is_dir() {
            fs::create_dir(&target).expect("a folder of the project can be made");
            copy(&file.path(), &target, token);
        } else {
            let content = fs::read_to_string(file.path()).expect("its files can be read");
            fs::write(target, content.replace("@TOKEN@", token))
                .expect("a file of the project can be written");
        }
    }
}

/// Runs commands as a user of one of the machines; returns whether they succeeded, and their output.
fn shell(machine: Machine, project: &Path, script: &str) -> (bool, Outcome) {
    let log = project
        .parent()
        .expect("a temporary folder has a parent")
        .join(format!("stagefile-pages-{}.log", token()));
    let output = fs::File::create(&log).expect("the output can be written");
    let mut command = Command::new("timeout");
    command
        .args(["300", "sh", "-e", "-u", "-c", script])
        .current_dir(project)
        .env(
            "REGISTRY",
            format!("{}/{}", variable("REGISTRY"), namespace(project)),
        )
        .env("BUILDKIT_PROGRESS", "plain")
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("the output can be shared"))
        .stderr(output);
    if machine == Machine::Second {
        command
            .env("DOCKER_HOST", variable("SECOND_DOCKER_HOST"))
            .env("DOCKER_CONFIG", variable("SECOND_DOCKER_CONFIG"));
    }
    let status = command.status().expect("there is a shell");
    let text = fs::read_to_string(&log).expect("the output can be read");
    fs::remove_file::<PathBuf>(log).expect("the output can be removed");
    (status.success(), Outcome::of_text(status.success(), text))
}

/// Returns a namespace of the registry that no other run has written to.
fn namespace(project: &Path) -> String {
    let name = project
        .file_name()
        .expect("a temporary folder has a name")
        .to_string_lossy();
    name.to_lowercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "")
}

#[track_caller]
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is missing; `scripts/test pages` sets it"))
}
