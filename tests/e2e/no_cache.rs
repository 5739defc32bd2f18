//! Tests of `--no-cache` and `--no-cache-filter`.

use stagefile_tests::Project;

fn project() -> Project {
    Project::new(
        "
stages:
  deps:
    from: busybox:1.35
    steps:
      - run: head -c 16 /dev/urandom | sha256sum > /deps; echo @TOKEN@
        name: make deps
  tools:
    from: busybox:1.35
    steps:
      - run: head -c 16 /dev/urandom | sha256sum > /tools; echo @TOKEN@
        name: make tools
  app:
    from: deps
    steps:
      - copy: /tools
        from: tools
        to: /
      - run: head -c 16 /dev/urandom | sha256sum > /app
        name: make app
",
    )
}

#[test]
fn no_cache_runs_everything_again() {
    let project = project();
    let first = project.build().files();
    let cached = project.build().files();
    let (again, outcome) = project.build().option("--no-cache").files_and_outcome();
    for (file, step) in [
        ("deps", "make deps"),
        ("tools", "make tools"),
        ("app", "make app"),
    ] {
        assert_eq!(first.text(file), cached.text(file));
        assert_ne!(first.text(file), again.text(file));
        outcome.assert_ran(step);
    }
}

#[test]
fn no_cache_filter_runs_the_named_stage_again() {
    let project = project();
    let first = project.build().target("tools").files();
    let filtered = || project.build().option("--no-cache-filter=tools");
    assert_ne!(
        first.text("tools"),
        filtered().target("tools").files().text("tools")
    );
    // Later steps may come from the cache, in Dockerfiles, too: daemons differ in that.
    let before = project.build().files();
    let (again, outcome) = filtered().files_and_outcome();
    assert_eq!(before.text("deps"), again.text("deps"));
    outcome.assert_cached("make deps");
    outcome.assert_ran("make tools");
}

#[test]
fn an_always_step_is_never_cached() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: head -c 16 /dev/urandom | sha256sum > /before; echo @TOKEN@
      - run: head -c 16 /dev/urandom | sha256sum > /always
        always: true
",
    );
    let (first, second) = (project.build().files(), project.build().files());
    assert_eq!(first.text("before"), second.text("before"));
    assert_ne!(first.text("always"), second.text("always"));
}
