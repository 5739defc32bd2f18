//! Tests of `base`: the config of what a stage starts from, as reported by the daemon.

use stagefile_tests::Project;

#[test]
fn the_path_of_the_base_is_extended() {
    let project = Project::new(
        r#"
stages:
  tools:
    from: python:3.11-slim-bookworm
    image:
      env: { PATH: "/tools:${{ base.env.PATH }}" }
  app:
    from: tools
    image:
      env: { PATH: "/app:${{ base.env.PATH }}", SPEECH: "${{ base.env.LANG }}" }
"#,
    );
    let image = project.build().image();
    let env = image.inspect()["Config"]["Env"].to_string();
    assert!(env.contains("PATH=/app:/tools:/usr/local/"), "{env}");
    assert!(env.contains("\"SPEECH=C.UTF-8\""), "{env}");
}

#[test]
fn a_dockerfile_is_a_base_too_and_so_are_the_stages_that_it_uses() {
    let project = Project::new(
        r#"
stages:
  lib:
    from: busybox:1.35
    image: { env: { LIB: "lib of ${{ base.env.PATH }}" } }
  built:
    from: { dockerfile: Dockerfile, contexts: { lib: lib } }
    image: { env: { APP: "app of ${{ base.env.MADE }}" } }
  app:
    from: built
    steps:
      - write: /seen
        content: ${{ base.env.APP }}
"#,
    );
    project.write("Dockerfile", "FROM lib\nENV MADE=\"made of $LIB\"\n");
    let files = project.build().files();
    let seen = files.text("seen");
    assert!(
        seen.starts_with("app of made of lib of /usr/local/sbin:"),
        "{seen}"
    );
}

#[test]
fn a_stage_that_is_not_needed_asks_for_nothing() {
    let project = Project::new(
        r#"
stages:
  other:
    from: example.invalid/none:1
    env: { PATH: "/x:${{ base.env.PATH }}" }
    steps:
      - run: x
  app:
    from: busybox:1.35
    steps:
      - write: /path
        content: ${{ base.env.PATH }}
"#,
    );
    let files = project.build().files();
    assert!(files.text("path").contains("/usr/bin"));
}

#[test]
fn a_check_asks_for_it() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    image: { env: { A: "${{ base.env.NONE }}" } }
"#,
    );
    let outcome = project.build().option("--call=check").fail();
    outcome.assert_shows("what the stage starts from has no `NONE`");
    outcome.assert_shows("orValue");
}
