//! The example frontend, which is written on the crates alone: made into an image by a Stagefile, and used.

use std::path::PathBuf;
use std::process::Command;

use stagefile_tests::{Image, Project, repository};

/// Builds the program as a static binary, which an image without any library needs.
fn binary() -> PathBuf {
    let host = env!("STAGEFILE_HOST");
    let target = repository().join("target/tiny-frontend");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "tiny-frontend",
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
    target.join(host).join("debug/tiny-frontend")
}

fn frontend() -> Image {
    let project = Project::new(
        r#"
stages:
  frontend:
    steps:
      - copy: tiny-frontend
        to: /
    image:
      entrypoint: [/tiny-frontend]
      labels:
        moby.buildkit.frontend.network.none: "true"
        moby.buildkit.frontend.caps: moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts
        of: "@TOKEN@"
"#,
    );
    std::fs::copy(binary(), project.path().join("tiny-frontend"))
        .expect("the binary can be copied");
    project.build().image()
}

#[test]
fn it_builds_an_image_that_runs_and_shows_the_line_of_a_failing_command() {
    let frontend = frontend();
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
