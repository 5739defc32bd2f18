//! Tests of the build context: what is ignored, and what is transferred.

use stagefile_tests::Project;

#[test]
fn ignored_files_are_not_there() {
    let project = Project::new(
        "
stages:
  copied:
    steps:
      - copy: .
        to: /copied
  bound:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: find . -type f > /found; echo @TOKEN@
        bind: .
",
    )
    .with_file(
        ".dockerignore",
        "# a comment\n*.log\n!keep.log\n/folder/*\n!folder/kept\n",
    )
    .with_file("main.c", "main")
    .with_file("debug.log", "log")
    .with_file("keep.log", "kept")
    .with_file("folder/kept", "kept")
    .with_file("folder/dropped", "dropped");
    let files = project.build().files();
    let mut found: Vec<_> = files.text("found").lines().collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "./.dockerignore",
            "./Stagefile",
            "./folder/kept",
            "./keep.log",
            "./main.c"
        ]
    );

    let files = project.build().target("copied").files();
    assert!(files.contains("copied/keep.log") && files.contains("copied/folder/kept"));
    assert!(!files.contains("copied/debug.log") && !files.contains("copied/folder/dropped"));
}

#[test]
fn a_file_has_its_own_ignore_file() {
    let files = Project::new("\nstages:\n  app:\n    steps:\n      - copy: .\n        to: /\n")
        .with_file(".dockerignore", "one\n")
        .with_file("Stagefile.dockerignore", "two\n")
        .with_file("one", "@TOKEN@")
        .with_file("two", "@TOKEN@")
        .build()
        .files();
    assert!(files.contains("one") && !files.contains("two"));
}

/// Returns how many bytes of the context the client reports to have sent.
fn transferred(project: &Project) -> f64 {
    let outcome = project.build().succeed();
    let step = outcome.step("load build context");
    let line = step
        .log
        .lines()
        .filter_map(|line| line.split_once("context: "))
        .next_back();
    let Some((_, size)) = line else {
        panic!("nothing tells what was sent: {step:?}\n{}", outcome.text())
    };
    let size = size.split_whitespace().next().expect("a size has digits");
    let digits = size.trim_end_matches(char::is_alphabetic);
    let unit = match &size[digits.len()..] {
        "B" => 1.0,
        "kB" => 1e3,
        "MB" => 1e6,
        unit => panic!("unknown unit `{unit}`"),
    };
    digits.parse::<f64>().expect("a size is a number") * unit
}

#[test]
fn only_needed_paths_are_transferred() {
    let large = "0123456789abcdef".repeat(64 * 1024);
    let stagefile = |path: &str| {
        format!(
            "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: {path}
        to: /
"
        )
    };
    let project = Project::new(&stagefile("small"))
        .with_file("small", "small @TOKEN@")
        .with_file("large/file", &format!("@TOKEN@{large}"));
    assert!(
        transferred(&project) < 10e3,
        "more than one small file was sent"
    );
    // The measurement works: the large file counts when it is needed.
    project.write_stagefile(&stagefile("large"));
    assert!(transferred(&project) > 1e6, "the large file was not sent");
}

#[test]
fn nothing_is_transferred_when_nothing_is_needed() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /token
        content: '@TOKEN@'
",
    )
    .with_file("file", "@TOKEN@");
    project
        .build()
        .succeed()
        .assert_no_step("load build context");
}

#[test]
fn a_path_that_is_ignored_is_said_before_the_build() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
      - copy: dist/
        to: /srv/
",
    )
    .with_file(".dockerignore", "# built elsewhere\ndist\n")
    .with_file("dist/index.html", "@TOKEN@");
    for outcome in [
        project.build().fail(),
        project.build().option("--call=check").fail(),
    ] {
        outcome.assert_shows("error[ignored-path]: `dist` is excluded from the build context");
        outcome.assert_shows("by `dist` in line 2 of .dockerignore");
        outcome.assert_no_step("run echo");
    }
    // A link is followed.
    std::fs::rename(
        project.path().join(".dockerignore"),
        project.path().join("rules"),
    )
    .unwrap();
    std::os::unix::fs::symlink("rules", project.path().join(".dockerignore")).unwrap();
    let outcome = project.build().fail();
    outcome.assert_shows("by `dist` in line 2 of .dockerignore");
    std::fs::remove_file(project.path().join(".dockerignore")).unwrap();
    // Re-included files exist.
    project.write(".dockerignore", "dist\n!dist/index.html\n");
    let files = project.build().files();
    assert!(files.contains("srv/index.html"));
}

#[test]
fn a_path_that_is_not_there_is_said_before_the_build() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    outputs: { web: /web }
    steps:
      - run: mkdir /web
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
      - copy: [src/mian.c, '*.none', web]
",
    )
    .with_file("src/main.c", "@TOKEN@");
    let outcome = project.build().fail();
    outcome.assert_shows("error[missing-path]: there is no `src/mian.c` in the build context");
    outcome.assert_shows("did you mean `src/main.c`?");
    outcome.assert_shows("nothing in the build context matches `*.none`");
    outcome.assert_shows("if you mean the output, write `from: build.web`");
    outcome.assert_no_step("run echo");
    let outcome = project.build().option("--call=check").fail();
    outcome.assert_shows("missing-path");
    outcome.assert_shows("did you mean `src/main.c`?");
}
