//! Tests of stages, and of what they use from each other and from the client.

use stagefile_tests::Project;

use crate::on_all;

const REQUIRES: &str = "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: touch /from-the-test; echo @TOKEN@; exit $(cat verdict)
        bind: verdict
  app:
    from: busybox:1.35
    requires: test
    steps:
      - write: /app
        content: '@TOKEN@'
";

#[test]
fn a_requirement_that_succeeds_leaves_nothing() {
    let project = Project::new(REQUIRES).with_file("verdict", "0");
    on_all(project.build(), |files| {
        assert_eq!(files.text("app"), project.token());
        assert!(!files.contains("from-the-test") && !files.contains("verdict"));
    });
}

#[test]
fn a_requirement_that_fails_fails_the_build() {
    let project = Project::new(REQUIRES).with_file("verdict", "7");
    project.build().fail().assert_shows("exit code: 7");
}

#[test]
fn outputs_are_results_beside_their_stage() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /binary/program; touch /rest
        outputs: { binary: /binary }
  app:
    steps:
      - copy: program
        from: build.binary
        to: /
",
    );
    on_all(project.build(), |files| {
        assert_eq!(files.paths().collect::<Vec<_>>(), ["program"]);
        assert_eq!(files.text("program").trim(), project.token());
    });
}

#[test]
fn a_folder_of_the_client_is_a_named_context() {
    let library = Project::new("").with_file("lib/code", "library of @TOKEN@");
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: lib/code
        from: { context: library }
        to: /
",
    );
    let build = project.build().option(format!(
        "--build-context=library={}",
        library.path().display()
    ));
    on_all(build, |files| {
        assert_eq!(
            files.text("code"),
            format!("library of {}", library.token())
        );
    });
}

#[test]
fn an_image_is_a_named_context() {
    let project = Project::new(
        "
stages:
  app:
    from: { context: base }
    steps:
      - run: busybox | head -1 > /seen; echo @TOKEN@
",
    );
    let build = project
        .build()
        .option("--build-context=base=docker-image://busybox:1.35");
    on_all(build, |files| {
        assert!(files.text("seen").starts_with("BusyBox v1.35"));
    });
}

#[test]
fn ignored_files_are_not_transferred() {
    let project = Project::new(
        "
stages:
  app:
    steps:
      - copy: .
        to: /
",
    )
    .with_file(".dockerignore", "*.log\n!kept.log\n")
    .with_file("kept.log", "@TOKEN@")
    .with_file("left.log", "@TOKEN@");
    on_all(project.build(), |files| {
        assert!(files.contains("kept.log") && !files.contains("left.log"));
    });
}

/// Our own program checks the files, in a sandbox that has nothing else, with the image mounted.
#[test]
fn assertions_hold_or_fail_the_build() {
    let stagefile = |shell: &str| {
        format!(
            "
stages:
  app:
    steps:
      - copy: /bin/busybox
        from: busybox:1.35
        to: /busybox
    assert:
      files: {{ /busybox: {{ type: file }}, /bin/sh: {shell} }}
      commands: {{ run: [/busybox, echo, '@TOKEN@'], stdout: '@TOKEN@' }}
      size: 4m
"
        )
    };
    let project = Project::new(&stagefile("absent"));
    on_all(project.build(), |files| {
        assert_eq!(files.paths().collect::<Vec<_>>(), ["busybox"]);
    });
    project.write_stagefile(&stagefile("exists"));
    let outcome = project.build().fail();
    outcome.assert_shows("error[assert-failed]: `/bin/sh` doesn't exist");
}
