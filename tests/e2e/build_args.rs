//! Tests of build arguments.

use stagefile_tests::Project;

fn project() -> Project {
    Project::new(
        r#"
args:
  GREETING: hello
  VERSION: { default: "1.10", description: what is built, values: ["1.10", "1.20"] }
  NAME: { required: true }
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /greeting
        content: "${{ args.GREETING }} ${{ args.NAME }} ${{ args.VERSION }} @TOKEN@"
"#,
    )
}

#[test]
fn arguments_replace_defaults() {
    let project = project();
    let greeting = |files: stagefile_tests::Files| files.text("greeting").to_owned();
    let token = project.token();
    let files = project.build().build_arg("NAME", "world").files();
    assert_eq!(greeting(files), format!("hello world 1.10 {token}"));
    let build = project
        .build()
        .build_arg("NAME", "a=b c")
        .build_arg("GREETING", "")
        .build_arg("VERSION", "1.20");
    assert_eq!(greeting(build.files()), format!(" a=b c 1.20 {token}"));
}

#[test]
fn a_required_argument_has_to_be_given() {
    let outcome = project().build().fail();
    outcome.assert_shows("`NAME`");
    outcome.assert_shows("--build-arg NAME=");
}

#[test]
fn a_value_has_to_be_one_of_those_that_are_listed() {
    let outcome = project()
        .build()
        .build_arg("NAME", "x")
        .build_arg("VERSION", "1.30")
        .fail();
    outcome.assert_shows("1.30");
    outcome.assert_shows("1.20");
}

#[test]
fn an_argument_that_nothing_declares_is_a_warning_with_a_suggestion() {
    let outcome = project()
        .build()
        .build_arg("NAME", "x")
        .build_arg("GREETNG", "hi")
        .option("--debug")
        .succeed();
    outcome.assert_shows("`GREETNG`");
    outcome.assert_shows("--build-arg GREETING=");
}
