//! Tests of the example frontends, which only use the crates: a Stagefile makes images of them, which are then used.

use std::path::PathBuf;
use std::process::Command;

use stagefile_tests::{Image, Project, repository};

/// Builds a program as a static binary, for an image without any libraries.
fn binary(example: &str) -> PathBuf {
    let host = env!("STAGEFILE_HOST");
    let target = repository().join("target/example-frontends");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "stagefile-gateway",
            "--example",
            example,
            "--target",
            host,
            "--target-dir",
        ])
        .arg(&target)
        .env(
            "RUSTFLAGS",
            "-C target-feature=+crt-static -C strip=symbols",
        )
        .current_dir(repository())
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "the example doesn't compile");
    target.join(host).join("debug/examples").join(example)
}

fn frontend(example: &str) -> Image {
    let project = Project::new(
        r#"
stages:
  frontend:
    steps:
      - copy: frontend
        to: /
    image:
      entrypoint: [/frontend]
      labels:
        moby.buildkit.frontend.network.none: "true"
        moby.buildkit.frontend.caps: moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts,moby.buildkit.frontend.subrequests
        of: "@TOKEN@"
"#,
    );
    std::fs::copy(binary(example), project.path().join("frontend"))
        .expect("the binary can be copied");
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
