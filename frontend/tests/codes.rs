//! Every diagnostic code occurs in a test: in the snapshot of a case, or elsewhere if no file alone can cause it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use buildkit_llb::{Platform, SourceMap, Support};
use stagefile_language::diagnostic::{Diagnostics, render};
use stagefile_language::diagnostics::ALL;
use stagefile_language::driver::{Checked, check, check_reading};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;
use stagefile_lower::{self, Daemon, Lowering, SourceMaps};

/// Codes that need a client's argument, a daemon or a huge file, with the test that causes them and the file of that
/// test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "too-many-stages",
        "stages_are_limited_together",
        include_str!("limits.rs"),
    ),
    (
        "expressions-too-large",
        "all_expressions_together_are_limited",
        include_str!("limits.rs"),
    ),
    (
        "failed-script",
        "reports_of_a_failed_stage_are_delivered",
        include_str!("../../tests/e2e/reports.rs"),
    ),
    (
        "file-too-large",
        "a_file_larger_than_any",
        include_str!("codes.rs"),
    ),
    (
        "foreign-base",
        "a_base_of_another_platform_is_warned_of",
        include_str!("../../tests/e2e/platform.rs"),
    ),
    (
        "invalid-dockerfile",
        "check_reports_all_mistakes_of_a_dockerfile_with_the_status_of_stagefiles",
        include_str!("command_line/check.rs"),
    ),
    (
        "ignored-triggers",
        "instructions_of_the_base_are_warned_of",
        include_str!("../../tests/e2e/image_inherit.rs"),
    ),
    (
        "ignored-path",
        "paths_that_are_ignored",
        include_str!("context.rs"),
    ),
    (
        "invalid-lock",
        "a_build_without_the_lock_doesn_t_even_read_it",
        include_str!("../src/session/lock/tests.rs"),
    ),
    (
        "invalid-policy",
        "a_policy_that_can_t_be_read_is_an_error",
        include_str!("policy.rs"),
    ),
    (
        "not-locked",
        "what_the_lock_lacks_is_a_warning_or_an_error",
        include_str!("../src/session/lock/tests.rs"),
    ),
    (
        "outdated-lock",
        "a_pin_that_can_not_be_had_has_its_place_in_the_lock",
        include_str!("../src/session/lock/tests.rs"),
    ),
    (
        "missing-path",
        "paths_that_are_not_there",
        include_str!("context.rs"),
    ),
    (
        "missing-report",
        "reports_of_a_stage_that_succeeds_are_delivered",
        include_str!("../../tests/e2e/reports.rs"),
    ),
    (
        "missing-secret",
        "a_missing_secret_fails_at_once_and_names_the_flag",
        include_str!("../../tests/e2e/secrets.rs"),
    ),
    (
        "invalid-manifest",
        "a_manifest_is_a_file_of_the_command_line",
        include_str!("projects.rs"),
    ),
    (
        "undecided-project",
        "a_manifest_is_a_file_of_the_command_line",
        include_str!("projects.rs"),
    ),
    (
        "unsupported-project",
        "a_manifest_is_a_file_of_the_command_line",
        include_str!("projects.rs"),
    ),
    (
        "no-reports",
        "targets_that_are_no_reports",
        include_str!("codes.rs"),
    ),
    (
        "not-allowed",
        "a_step_that_is_not_allowed_is_named",
        include_str!("../../tests/e2e/permissions.rs"),
    ),
    (
        "script-too-long",
        "a_script_that_is_too_long",
        include_str!("codes.rs"),
    ),
    (
        "too-many-imports",
        "imports_without_an_end",
        include_str!("codes.rs"),
    ),
    (
        "unknown-argument",
        "an_argument_that_nothing_declares_is_a_warning_with_a_suggestion",
        include_str!("codes.rs"),
    ),
    (
        "unknown-base",
        "what_is_not_known_is_no_mistake_and_is_said_where_it_is_needed",
        include_str!("lowered/base.rs"),
    ),
    (
        "unset-variable",
        "variables_that_are_none_in_a_script",
        include_str!("lowered/scripts.rs"),
    ),
    (
        "unknown-part",
        "targets_that_are_no_reports",
        include_str!("codes.rs"),
    ),
    (
        "whole-context",
        "a_context_as_a_whole",
        include_str!("context.rs"),
    ),
    (
        "unsupported-feature",
        "a_daemon_that_is_too_old",
        include_str!("codes.rs"),
    ),
];

#[test]
fn every_code_has_a_case() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let snapshots: String = fs::read_dir(folder)
        .unwrap()
        .filter_map(|case| fs::read_to_string(case.unwrap().path().join("diagnostics.snap")).ok())
        .collect();
    let missing: Vec<&str> = ALL
        .iter()
        .map(|code| code.name)
        .filter(|code| {
            let shown = |level: &str| snapshots.contains(&format!("{level}[{code}]: "));
            let elsewhere = || {
                ELSEWHERE.iter().any(|(name, test, file)| {
                    name == code && file.contains(&format!("fn {test}()"))
                })
            };
            !shown("error") && !shown("warning") && !elsewhere()
        })
        .collect();
    assert!(
        missing.is_empty(),
        "write a case for {missing:?}: frontend/tests/cases/code-NAME/Stagefile"
    );
}

fn checked(text: &str, args: &[(&str, &str)]) -> Checked {
    check(&Source::new("Stagefile", text), &request(args))
}

fn request(args: &[(&str, &str)]) -> Request {
    let platform = Platform::new("linux", "amd64");
    let given = args
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        args: given.collect(),
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

#[test]
fn imports_without_an_end() {
    let source = Source::new(
        "Stagefile",
        "imports: { a: a, b: b }\nstages: { app: {} }\n",
    );
    let mut read = 0;
    let checked = check_reading(&source, &request(&[]), |wanted| {
        read += 1;
        let path = &wanted.file.path;
        Ok(format!(
            "imports: {{ a: {path}/a, b: {path}/b }}\nstages: {{ x: {{}} }}\n"
        ))
    });
    let codes = checked
        .found
        .errors()
        .into_iter()
        .map(|error| error.code.name);
    assert!(codes.collect::<BTreeSet<_>>().contains("too-many-imports"));
    assert!(read <= 128, "{read} files were read");
}

#[test]
fn an_argument_that_nothing_declares() {
    let text = "args:\n  GO_VERSION: '1.22'\nstages: { app: {} }\n";
    let report = checked(text, &[("GO_VERSON", "1")]).report();
    insta::assert_snapshot!("unknown-argument", report);
}

#[test]
fn targets_that_are_no_reports() {
    let text = "stages:
  deps: {}
  test:
    matrix: { version: [1, 2] }
    reports: { junit: results }
";
    let targets = [
        "test@report",
        "@reports",
        "deps@reports",
        "tst@reports",
        "test-1@graph",
    ];
    let reports = targets.map(|target| {
        let request = Request {
            target: Some(target.to_owned()),
            ..request(&[])
        };
        check(&Source::new("Stagefile", text), &request).report()
    });
    insta::assert_snapshot!("targets-that-are-no-reports", reports.join("\n\n"));
}

#[test]
fn a_file_larger_than_any() {
    let text = format!("stages: {{}}\n{}", "# much to say\n".repeat(400_000));
    insta::assert_snapshot!("file-too-large", checked(&text, &[]).report());
}

#[test]
fn a_daemon_that_is_too_old() {
    let checked = checked(
        "stages:\n  app:\n    steps:\n      - symlink: /a\n        target: b\n",
        &[],
    );
    insta::assert_snapshot!(
        "unsupported-feature",
        lowered(&checked, Support::from_capabilities([])).unwrap_err()
    );
}

/// A long script becomes a file for shells that can read one. For other shells, and as a list, it is refused.
#[test]
fn a_script_that_is_too_long() {
    let script = "\n          echo 0123456789".repeat(10_000);
    let text = format!(
        "stages:
  app:
    from: alpine:3.20
    steps:
      - run: |{script}
      - run: |{script}
        shell: [pwsh, -Command]
      - run: [echo, '{}']
",
        "x".repeat(140_000)
    );
    let checked = checked(&text, &[]);
    assert_eq!(checked.report(), "");
    let report = lowered(&checked, Support::full()).unwrap_err();
    // The excerpt is as long as the list.
    let lines: Vec<String> = report.lines().map(|line| format!("{line:.120}")).collect();
    insta::assert_snapshot!("script-too-long", lines.join("\n"));
}

/// Lowers a file for a daemon; returns the report if there are errors.
fn lowered(checked: &Checked, support: Support) -> Result<(), String> {
    let main = checked.sources.main().text().to_owned();
    let map = SourceMap::new("Stagefile", "YAML", main);
    let lowering = Lowering {
        daemon: Daemon {
            support,
            ..Daemon::default()
        },
        ..Lowering::new(&checked.sources, SourceMaps::new(&checked.sources, map))
    };
    let mut found = Diagnostics::default();
    let plan = checked.plan.as_ref().expect("the file can be planned");
    match stagefile_lower::lower(plan, &lowering, &mut found) {
        Some(_) => Ok(()),
        None => Err(render(&checked.sources, &found.errors())),
    }
}

#[test]
fn no_more_than_twenty_are_shown() {
    let mut keys = String::new();
    for number in 0..30 {
        _ = writeln!(keys, "  wrong{number}: x");
    }
    let report = checked(&format!("stages:\n  app: {{}}\ndefaults:\n{keys}"), &[]).report();
    assert_eq!(report.matches("error[").count(), 20);
    assert!(report.ends_with("… and 10 more"), "{report}");
}
