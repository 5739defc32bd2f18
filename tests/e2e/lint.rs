//! Tests of `lint`: what happens with warnings, in builds and in `--call check`.

use stagefile_tests::Project;

fn project(lint: &str) -> Project {
    Project::new(&format!(
        "
{lint}
caches:
  models: {{ target: /models }}
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /built
"
    ))
}

#[test]
fn a_warning_is_shown_and_ends_nothing() {
    let project = project("# no rules");
    let outcome = project.build().succeed();
    outcome.assert_shows("unused-cache: nothing uses the cache `models`");
    let outcome = project.build().option("--call=check").fail();
    outcome.assert_shows("unused-cache");
}

#[test]
fn a_warning_that_is_off_is_not_shown() {
    let project = project("lint: { unused-cache: off }");
    project.build().succeed().assert_hides("unused-cache:");
    let outcome = project.build().option("--call=check").succeed();
    outcome.assert_shows("Check complete, no warnings found.");
}

#[test]
fn a_warning_that_is_an_error_ends_the_build_before_it_begins() {
    let project = project("lint: { unused-cache: error }");
    let outcome = project.build().fail();
    outcome.assert_shows("error[unused-cache]: nothing uses the cache `models`");
    outcome.assert_shows("an error by this rule");
    outcome.assert_no_step("[app");
    let outcome = project.build().option("--call=check").fail();
    outcome.assert_shows("unused-cache");
}
