//! Tests that a failing step shows its location in the Stagefile.

use stagefile_tests::Project;

#[test]
fn a_failing_script_shows_its_lines_and_no_others() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo before @TOKEN@
      - run: |
          echo failing @TOKEN@
          exit 42
      - run: echo after
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("Stagefile:7");
    outcome.assert_shows("exit code: 42");
    let marked = outcome.marked_lines();
    assert!(
        marked.contains(&7) && marked.iter().all(|line| (7..=9).contains(line)),
        "{marked:?}\n{}",
        outcome.text()
    );
    // The output of the script is repeated below the progress.
    outcome.assert_shows(&format!("failing {}", project.token()));
}

#[test]
fn a_program_that_does_not_exist_shows_its_line() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: [no-such-program, '@TOKEN@']
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("no-such-program");
    assert_eq!(outcome.marked_lines(), [6]);
}

#[test]
fn a_copy_of_something_missing_shows_its_line() {
    let project = Project::new(
        "
stages:
  other:
    from: busybox:1.35
    steps:
      - write: /file
        content: '@TOKEN@'
  app:
    from: busybox:1.35
    steps:
      - copy: /missing
        from: other
        to: /
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("there is no `/missing` in the stage `other`");
    outcome.assert_shows("Stagefile:11:15");
}

#[test]
fn a_file_that_the_context_lacks_shows_its_line() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: [present, absent]
        to: /
",
    )
    .with_file("present", "@TOKEN@");
    let outcome = project.build().fail();
    outcome.assert_shows("there is no `absent` in the build context");
    outcome.assert_shows("Stagefile:6:25");
}
