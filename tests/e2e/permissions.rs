//! Tests of steps that the client has to allow.

use stagefile_tests::Project;

/// The daemon's own error names neither the step nor what to do.
#[test]
fn a_step_that_is_not_allowed_is_named() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
      - parallel:
          - - run: echo one
          - - run: id
              privileged: true
    reports: { passwd: /etc/passwd }
",
    );
    for target in ["app", "app@reports"] {
        let outcome = project.build().allowing_nothing().target(target).fail();
        outcome.assert_shows("error[not-allowed]: `privileged` is not allowed in this build");
        outcome.assert_shows("Stagefile:10:");
        outcome.assert_shows("add `--allow security.insecure` to the build command");
        outcome.assert_no_step("run echo");
    }
}
