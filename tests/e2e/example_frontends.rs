//! Tests of the example frontends, which only use the crates: a Stagefile makes images of them, which are then used.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stagefile_tests::{Image, Project, repository};

/// Compiles an example into the directory that this program is in, where unit tests have already compiled what it uses.
fn binary(example: &str) -> PathBuf {
    // With the features that the whole workspace has, which are those of the unit tests.
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--example", example])
        .current_dir(repository())
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "the example doesn't compile");
    let this = env::current_exe().expect("the path of this program");
    let directory = this.parent().and_then(Path::parent);
    directory
        .expect("cargo's directory of this profile")
        .join("examples")
        .join(example)
}

/// Returns the libraries that a program is loaded with, its loader among them.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output();
    let output = output.expect("ldd can be started");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    // `NAME => PATH (ADDRESS)`, or `PATH (ADDRESS)`
    let words = listed.split_whitespace();
    words
        .filter(|word| word.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

/// Makes an image of an example and the libraries that it needs, at the paths that they have on this machine.
fn frontend(example: &str) -> Image {
    let project = Project::new(
        r#"
stages:
  frontend:
    steps:
      - copy: root/
        to: /
    image:
      entrypoint: [/frontend]
      labels:
        moby.buildkit.frontend.network.none: "true"
        moby.buildkit.frontend.caps: moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts,moby.buildkit.frontend.subrequests
        of: "@TOKEN@"
"#,
    );
    let root = project.path().join("root");
    let program = binary(example);
    for library in libraries(&program) {
        let to = root.join(library.strip_prefix("/").expect("an absolute path"));
        fs::create_dir_all(to.parent().expect("a directory")).expect("a directory can be made");
        fs::copy(&library, &to).expect("a library can be copied");
    }
    fs::create_dir_all(&root).expect("a directory can be made");
    fs::copy(program, root.join("frontend")).expect("the program can be copied");
    project.build().image()
}

#[test]
fn the_tiny_one_builds_an_image_that_runs_and_shows_the_line_of_a_failing_command() {
    let frontend = frontend("tiny-frontend");
    let project = Project::new("").with_file("src/greeting", "hello from a tiny frontend");
    let file = |run: &str| {
        let name = frontend.name();
        let token = project.token();
        format!(
            "# syntax={name}\nfrom busybox:1.35\ncopy src /src\nrun {run} && echo {token}\nentrypoint cat /src/greeting\n"
        )
    };
    project.write("Stagefile", &file("test -s /src/greeting"));
    let image = project.build().image();
    assert_eq!(image.run(&[]).trim(), "hello from a tiny frontend");

    project.write("Stagefile", &file("exit 3"));
    let outcome = project.build().fail();
    assert_eq!(outcome.marked_lines(), [4]);
    outcome.assert_shows("exit code: 3");
}

#[test]
fn the_list_of_packages_is_checked_and_installed_with_a_secret() {
    let frontend = frontend("package-list");
    let project = Project::new("");
    let installer = format!(
        "sh -c 'for name; do cp /run/secrets/key /$name; done; echo {}' --",
        project.token()
    );
    let file = format!(
        "# syntax={}\nfrom busybox:1.35\ninstaller {installer}\nsecret key\npackage one\npackage two\npackage one\nentrypoint cat /one /two\n",
        frontend.name()
    );
    project.write("Stagefile", &file);
    let check = project.build().option("--call=check").fail();
    check.assert_shows("DuplicatePackage");
    check.assert_shows("package one is listed twice");
    let outline = project.build().option("--call=outline").succeed();
    outline.assert_shows("key");

    let image = project.build().secret("key", "opened ").image();
    assert_eq!(image.run(&[]).trim(), "opened opened");

    let missing = project.build().option("--no-cache").fail();
    assert_eq!(missing.marked_lines(), [5, 6]);
    missing.assert_shows("key");
}
