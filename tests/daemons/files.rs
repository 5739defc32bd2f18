//! Tests of steps that change files.

use stagefile_tests::Project;

use crate::expectation::daemon;
use crate::{on_all, since};

fn project(steps: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
{steps}"
    ))
    .with_file("source/one.c", "one of @TOKEN@")
    .with_file("source/two.h", "two of @TOKEN@")
}

#[test]
fn copy_write_mkdir() {
    let project = project(
        "
      - copy: source/*.c
        to: /app/copied/
        owner: 7:8
        mode: 0640
      - write: written
        content: '@TOKEN@'
        mode: 0750
      - mkdir: made
        mode: 0777
",
    );
    on_all(project.build(), |files| {
        assert_eq!(files.below("app/copied"), ["one.c"]);
        let copied = files.entry("app/copied/one.c");
        assert_eq!((copied.owner, copied.mode), ((7, 8), 0o640));
        assert_eq!(files.text("app/written"), project.token());
        assert_eq!(files.entry("app/written").mode, 0o750);
        assert_eq!(files.entry("app/made").mode, 0o777);
    });
}

#[test]
fn copy_include_and_exclude() {
    let project = project(
        "
      - copy: source
        include: '*.c'
        to: included
      - copy: source
        exclude: '*.c'
        to: excluded
",
    );
    since((23, 0), "file.copy.includeexcludepatterns").expect(project.build(), |files| {
        assert_eq!(files.below("app/included"), ["one.c"]);
        assert_eq!(files.below("app/excluded"), ["two.h"]);
    });
}

/// BuildKit has no capability for it, so it is detected by one that came with the same release.
#[test]
fn copy_with_a_symbolic_mode() {
    let project = project("      - copy: source\n        mode: u=rwX,go=rX\n");
    since((28, 0), "mode").expect(project.build(), |files| {
        assert_eq!(files.entry("app/source").mode, 0o755);
        assert_eq!(files.entry("app/source/one.c").mode, 0o644);
    });
}

#[test]
fn symbolic_links() {
    let project = project("      - symlink: link\n        target: source\n");
    since((28, 0), "file.symlink.create").expect(project.build(), |files| {
        assert_eq!(files.entry("app/link").link.as_deref(), Some("source"));
    });
}

#[test]
fn removed_files_are_gone() {
    let project = project(
        "
      - copy: source
      - remove: source/one.c
      - remove: nothing
        optional: true
",
    );
    on_all(project.build(), |files| {
        assert_eq!(files.below("app/source"), ["two.h"]);
    });
}

/// 20.10 treats removing nothing as success, and nothing reveals that in advance.
#[test]
fn removing_nothing_is_a_mistake_where_the_daemon_notices() {
    let project = project("      - remove: nothing\n");
    if daemon() < (23, 0) {
        let _ = project.build().succeed();
    } else {
        project.build().fail().assert_shows("nothing");
    }
}

#[test]
fn paths_that_are_not_there_are_explained() {
    let project = Project::new(
        "
args: { CASE: stage }
stages:
  build:
    from: busybox:1.35
    steps:
      - write: /dist/index.html
        content: '@TOKEN@'
  app:
    from: busybox:1.35
    steps:
      - { copy: /dits/index.html, from: build, if: args.CASE == 'stage' }
      - { copy: /bin/bussybox, from: 'busybox:1.35', if: args.CASE == 'image' }
      - { copy: source/one.h, if: args.CASE == 'context' }
",
    )
    .with_file("source/one.c", "one of @TOKEN@");
    for (case, message, help) in [
        (
            "stage",
            "there is no `/dits/index.html` in the stage `build`",
            "did you mean `/dist/index.html`?",
        ),
        (
            "image",
            "there is no `/bin/bussybox` in the image `busybox:1.35`",
            "did you mean `/bin/busybox`?",
        ),
        (
            "context",
            "there is no `source/one.h` in the build context",
            // Old daemons can't list the client's files.
            "",
        ),
    ] {
        let outcome = project.build().build_arg("CASE", case).fail();
        outcome.assert_shows(message);
        outcome.assert_shows(help);
    }
}
