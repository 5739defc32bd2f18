//! Tests of the platform of a build.

use stagefile_tests::{Docker, Project};

#[test]
fn the_platform_is_known_to_expressions_and_written_into_the_image() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /platform
        content: "${{ platform.target.os }}/${{ platform.target.arch }} ${{ platform.build.string }} @TOKEN@"
"#,
    );
    let arch = Docker::connect()
        .output(&["version", "--format={{.Server.Arch}}"])
        .trim()
        .to_owned();
    let files = project
        .build()
        .option(format!("--platform=linux/{arch}"))
        .files();
    assert_eq!(
        files.text("platform"),
        format!("linux/{arch} linux/{arch} {}", project.token())
    );
    assert_eq!(
        project.build().files().text("platform"),
        files.text("platform")
    );
    assert_eq!(
        project.build().image().inspect()["Architecture"],
        arch.as_str()
    );
}

/// The base image only exists for the daemon's own platform.
#[test]
fn a_base_of_another_platform_is_warned_of() {
    let stagefile = |from: &str| format!("stages: {{ app: {{ from: {from} }} }}");
    let project = Project::new(&stagefile("busybox:1.35"));
    let outcome = project.build().option("--platform=linux/arm64").succeed();
    outcome.assert_shows("`busybox:1.35` is for linux/");
    outcome.assert_shows("but the stage is for linux/arm64");
}

/// Nothing runs, so a foreign platform needs no emulation.
#[test]
fn a_foreign_platform_is_built_without_running_anything() {
    let project = Project::new(
        "
stages:
  app:
    steps:
      - write: /platform
        content: ${{ platform.target.string }} @TOKEN@
",
    );
    let build = || project.build().option("--platform=linux/arm64");
    assert!(build().files().text("platform").starts_with("linux/arm64 "));
    assert_eq!(build().image().inspect()["Architecture"], "arm64");
}
