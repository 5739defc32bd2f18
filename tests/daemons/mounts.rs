//! Tests of what a script sees besides its stage's files.

use stagefile_tests::Project;

use crate::expectation::daemon;
use crate::{on_all, since};

#[test]
fn caches_keep_their_content_and_stay_out_of_the_image() {
    let stagefile = |path: &str| {
        format!(
            "
caches:
  kept: {{ target: /kept, id: '@TOKEN@' }}
stages:
  app:
    from: busybox:1.35
    steps:
      - run: date >> /kept/times; wc -l < /kept/times > {path}
        caches: kept
"
        )
    };
    let project = Project::new(&stagefile("/first"));
    on_all(project.build(), |files| {
        assert_eq!(files.text("first"), "1\n");
        assert!(!files.contains("kept/times"));
    });
    project.write_stagefile(&stagefile("/second"));
    on_all(project.build(), |files| {
        assert_eq!(files.text("second"), "2\n");
    });
}

#[test]
fn bound_files_are_read_only_and_stay_out_of_the_image() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: |
          cat go.mod lib/code > /read
          if touch lib/new 2> /dev/null; then echo writable; else echo read-only; fi > /write
          echo @TOKEN@
        bind: [go.mod, lib]
",
    )
    .with_file("go.mod", "module ")
    .with_file("lib/code", "code");
    on_all(project.build(), |files| {
        assert_eq!(files.text("read"), "module code");
        assert_eq!(files.text("write"), "read-only\n");
        assert!(!files.contains("src/lib/code"));
        // The empty file and folder that were created as mount points: before 23.0, they weren't removed.
        if daemon() >= (23, 0) {
            assert!(files.below("src").is_empty(), "{:?}", files.below("src"));
        }
    });
}

#[test]
fn a_writable_view_is_thrown_away() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: echo changed > file; touch new; cat file > /seen; echo @TOKEN@
        bind: { paths: ., rw: true }
      - run: cat file > /seen-later
        bind: .
",
    )
    .with_file("file", "original");
    on_all(project.build(), |files| {
        assert_eq!(files.text("seen"), "changed\n");
        assert_eq!(files.text("seen-later"), "original");
        assert!(!files.contains("src/new"));
    });
}

fn in_memory(size: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: grep ' /scratch ' /proc/mounts > /seen; touch /scratch/file; echo @TOKEN@
        tmpfs: {{ to: /scratch{size} }}
"
    ))
}

#[test]
fn memory_is_mounted() {
    let project = in_memory("");
    on_all(project.build(), |files| {
        assert!(files.text("seen").starts_with("tmpfs "));
        assert!(!files.contains("scratch/file"));
    });
}

#[test]
fn memory_has_a_limit() {
    let project = in_memory(", size: 1m");
    since((23, 0), "exec.mount.tmpfs.size").expect(project.build(), |files| {
        assert!(
            files.text("seen").contains("size=1024k"),
            "{}",
            files.text("seen")
        );
    });
}
