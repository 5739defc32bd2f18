//! Tests of what runs again in a later build, and what doesn't.

use stagefile_tests::Project;

fn project() -> Project {
    Project::new(
        "
stages:
  backend:
    from: busybox:1.35
    # By its own path no other build has the directory, too.
    workdir: /backend/@TOKEN@
    steps:
      - copy: backend/settings
      - run: cat settings > /settings; echo @TOKEN@
        name: prepare backend
      - run: cp main /result
        name: build backend
        bind: backend/main
  page:
    from: busybox:1.35
    workdir: /page/@TOKEN@
    steps:
      - run: cp index /out/index; echo @TOKEN@
        name: build page
        bind: page/
        outputs: { result: /out }
  app:
    from: busybox:1.35
    steps:
      - copy: /result
        from: backend
        name: take backend
      - copy: index
        from: page.result
        to: /
        name: take page
",
    )
    // Copying equal content is cached, even from another project.
    .with_file("backend/settings", "settings of @TOKEN@")
    .with_file("backend/main", "main of @TOKEN@")
    .with_file("page/index", "index of @TOKEN@")
    .with_file("notes", "nobody reads this")
}

const STEPS: [&str; 5] = [
    "prepare backend",
    "build backend",
    "build page",
    "take backend",
    "take page",
];

#[test]
fn a_second_build_is_fully_cached() {
    let project = project();
    let first = project.build().succeed();
    for step in STEPS {
        first.assert_ran(step);
    }
    let second = project.build().succeed();
    for step in STEPS {
        second.assert_cached(step);
    }
}

#[test]
fn a_changed_file_reruns_only_what_depends_on_it() {
    let project = project();
    let _ = project.build().succeed();
    project.write("backend/main", "changed main of @TOKEN@");
    let outcome = project.build().succeed();
    for step in ["prepare backend", "build page"] {
        outcome.assert_cached(step);
    }
    for step in ["build backend", "take backend"] {
        outcome.assert_ran(step);
    }

    project.write("page/index", "changed index of @TOKEN@");
    let (files, outcome) = project.build().files_and_outcome();
    for step in ["prepare backend", "build backend", "take backend"] {
        outcome.assert_cached(step);
    }
    for step in ["build page", "take page"] {
        outcome.assert_ran(step);
    }
    let changed = |name: &str| format!("changed {name} of {}", project.token());
    assert_eq!(files.text("result"), changed("main"));
    assert_eq!(files.text("index"), changed("index"));
}

#[test]
fn a_file_that_nothing_uses_reruns_nothing() {
    let project = project();
    let _ = project.build().succeed();
    project.write("notes", "changed");
    let outcome = project.build().succeed();
    for step in STEPS {
        outcome.assert_cached(step);
    }
}
