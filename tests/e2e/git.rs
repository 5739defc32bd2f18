//! Tests of `git` steps.

use stagefile_tests::{Project, WebServer};

#[test]
fn branches_tags_commits_and_directories_are_taken() {
    let server = WebServer::start();
    let repository = server.repository("lib");
    repository.write("version", "one");
    repository.write("src/lib/code", "code one");
    let first = repository.commit();
    repository.tag("v1.0");
    repository.write("version", "two");
    let second = repository.commit();
    let url = repository.url();
    let files = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /work
    steps:
      - git: {url}
      - git: {url}
        ref: v1.0
        to: /tag
      - git: {url}
        checksum: {first}
        to: /commit
      - git: {url}
        ref: v1.0
        checksum: {first}
        subdir: src/lib/
        to: part/lib
      - git: {url}
        ref: main
        keep-git: true
        subdir: src
        to: /kept
      - git: {url}
        keep-git: true
        to: /whole
"
    ))
    .build()
    .files();
    assert_eq!(files.text("work/version"), "two");
    assert_eq!(files.text("tag/version"), "one");
    assert_eq!(files.text("commit/version"), "one");
    assert_eq!(files.text("work/part/lib/code"), "code one");
    assert_eq!(files.below("work/part/lib"), ["code"]);
    assert!(!files.contains("work/.git"));
    assert_eq!(files.text("kept/lib/code"), "code one");
    assert!(files.contains("whole/.git/HEAD"));
    assert_eq!(files.entry("tag/version").modified, 315_532_800);
    assert_ne!(first, second);
}

#[test]
fn another_commit_than_expected_ends_the_build() {
    let server = WebServer::start();
    let repository = server.repository("lib");
    repository.write("version", "one");
    let first = repository.commit();
    repository.write("version", "two");
    let second = repository.commit();
    let url = repository.url();
    let outcome = Project::new(&format!(
        "
stages:
  app:
    steps:
      - git: {url}
        ref: main
        checksum: {first}
"
    ))
    .build()
    .fail();
    outcome.assert_shows(&first);
    outcome.assert_shows(&second);
    assert_eq!(outcome.marked_lines(), [5, 6, 7]);
}

#[test]
fn submodules_come_unless_they_are_switched_off() {
    let server = WebServer::start();
    let inner = server.repository("inner");
    inner.write("inside", "inside");
    inner.commit();
    let outer = server.repository("outer");
    outer.add_submodule(&inner, "modules/inner");
    outer.commit();
    let url = outer.url();
    let files = Project::new(&format!(
        "
stages:
  app:
    steps:
      - git: {url}
        to: /with
      - git: {url}
        to: /without
        submodules: false
"
    ))
    .build()
    .files();
    assert!(files.contains("with/modules/inner/inside"));
    assert!(!files.contains("without/modules/inner/inside"));
}
