//! Tests that independent stages run at the same time.

use stagefile_tests::Project;

/// Each stage waits for the other, so they couldn't succeed one after the other.
#[test]
fn two_stages_overlap_in_time() {
    let project = Project::new(
        r#"
caches:
  meeting-point: { target: /meet, id: "@TOKEN@" }
stages:
  left:
    from: busybox:1.35
    steps:
      - run: |
          touch /meet/left # of @TOKEN@
          for i in $(seq 600); do if [ -e /meet/right ]; then exit 0; fi; sleep 0.1; done
          exit 1
        name: wait for right
        caches: meeting-point
        outputs: { done: /left }
  right:
    from: busybox:1.35
    steps:
      - run: |
          touch /meet/right # of @TOKEN@
          for i in $(seq 600); do if [ -e /meet/left ]; then exit 0; fi; sleep 0.1; done
          exit 1
        name: wait for left
        caches: meeting-point
        outputs: { done: /right }
  both:
    steps:
      - copy: /
        from: left.done
        to: /left/
      - copy: /
        from: right.done
        to: /right/
"#,
    );
    let outcome = project.build().succeed();
    outcome.assert_ran("wait for right");
    outcome.assert_ran("wait for left");
}
