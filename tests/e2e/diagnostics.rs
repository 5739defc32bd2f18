//! Tests of mistakes in a Stagefile: all are reported at once, each with its location, before anything is built.

use stagefile_tests::{Project, frontend};

#[test]
fn a_file_with_five_mistakes_reports_five() {
    let project = Project::new(
        "
stages:
  deps:
    form: busybox:1.35
  build:
    from: deps
    workdr: /src
    steps:
      - rum: make
  app:
    from: deps
    requires: [tests, build]
    caches: [goo]
",
    );
    let outcome = project.build().fail();
    for (line, wrong, suggestion) in [
        (4, "form", "from"),
        (7, "workdr", "workdir"),
        (9, "rum", "run"),
        (12, "tests", "there is no stage"),
        (13, "goo", "go"),
    ] {
        outcome.assert_shows(&format!("Stagefile:{line}:"));
        outcome.assert_shows(&format!("`{wrong}`"));
        outcome.assert_shows(suggestion);
    }
    let errors = outcome.text().matches("error[").count();
    assert_eq!(errors, 5, "not five errors:\n{}", outcome.text());
    outcome.assert_no_step("busybox");
}

#[test]
fn a_mistake_is_shown_with_its_line() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    imagee: {}
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("    imagee: {}");
    outcome.assert_shows("`image`");
    outcome.assert_shows("Stagefile:5:5");
}

#[test]
fn text_that_is_not_yaml_is_shown_with_its_place() {
    let project = Project::new("\nstages:\n  app: { from: busybox:1.35\n");
    project.build().fail().assert_shows("Stagefile:");
}

#[test]
fn an_empty_file_says_what_to_write() {
    Project::new("").build().fail().assert_shows("stages");
}

/// An attack with aliases mustn't exhaust the daemon's memory or time.
#[test]
fn aliases_cannot_grow_without_limit() {
    use std::fmt::Write as _;

    let mut text = String::from("\nx-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "x-{level}: &a{level} [{aliases}]").unwrap();
    }
    text.push_str("stages:\n  app:\n    from: busybox:1.35\n");
    let outcome = Project::new(&text).build().fail();
    outcome.assert_shows("error[too-many-nodes]");
}

/// Clients print an excerpt for a location on line 1 even if they don't have the text.
#[test]
fn a_mistake_on_the_first_line_has_a_true_excerpt() {
    let project = Project::new("");
    project.write(
        "Stagefile",
        &format!(
            "{{ \"syntax\": \"{}\", \"stages\": {{ \"app\": {{ \"form\": \"busybox:1.35\" }} }} }}",
            frontend()
        ),
    );
    let outcome = project.build().fail();
    outcome.assert_shows("`form`");
    outcome.assert_shows("1 | >>> { \"syntax\"");
}

#[test]
fn an_image_that_cannot_be_found_is_shown_where_it_is_named() {
    let project = Project::new(
        "
stages:
  app:
    from: stagefile-test/there-is-no-such-image:1
",
    );
    let outcome = project.build().fail();
    assert_eq!(outcome.marked_lines(), [4]);
}
