//! Tests of builds for several platforms.

use stagefile_tests::Project;

/// Foreign platforms aren't emulated here, so a step that runs for `linux/arm64` has run natively.
const STAGEFILE: &str = "
stages:
  compile:
    platform: build
    from: busybox:1.35
    env: { GOARCH: \"${{ platform.target.arch }}\" }
    steps:
      - run: echo \"made for $GOARCH on $(uname -m) @TOKEN@\" > /out/made
        outputs: { out: /out }
  app:
    steps:
      - copy: made
        from: compile.out
        to: /
";

#[test]
fn an_index_has_an_image_for_each_platform() {
    let project = Project::new(STAGEFILE);
    let (archive, outcome) = project
        .build()
        .option("--platform=linux/amd64,linux/arm64")
        .archive();
    let archive = String::from_utf8_lossy(&archive);
    for architecture in ["amd64", "arm64"] {
        assert!(
            archive.contains(&format!("made for {architecture} on")),
            "no file of {architecture}"
        );
        let config = format!("\"architecture\":\"{architecture}\"");
        assert!(archive.contains(&config), "no image of {architecture}");
        outcome.assert_shows(&format!("[linux/{architecture} app 1/1]"));
    }
}

#[test]
fn a_stage_can_be_for_one_platform_only() {
    let project = Project::new(
        "
stages:
  app:
    platform: linux/arm/v6
    steps:
      - write: /a
        content: \"@TOKEN@\"
",
    );
    let (archive, _) = project.build().archive();
    assert!(String::from_utf8_lossy(&archive).contains("\"variant\":\"v6\""));
}

#[test]
fn an_unknown_platform_is_a_mistake_with_its_place() {
    let project = Project::new("\nstages:\n  app: { platform: linux/a/b/c }\n");
    let outcome = project.build().fail();
    outcome.assert_shows("`platform` can't be `linux/a/b/c`");
    outcome.assert_shows("Stagefile:3:20");
}
