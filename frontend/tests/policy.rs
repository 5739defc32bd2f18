//! Tests of the client's settings for warnings in files that the client hasn't written.

use buildkit_llb::Platform;
use stagefile_language::driver::{Checked, check};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

/// A file with one warning, `unused-cache`.
const FILE: &str = "stages: { app: { from: scratch } }\ncaches: { c: { target: /c } }\n";

fn under(policy: &str, text: &str) -> Checked {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        args: [("STAGEFILE_LINT".to_owned(), policy.to_owned())].into(),
        ..Request::new(platform)
    };
    check(&Source::new("Stagefile", text.to_owned()), &request)
}

#[test]
fn a_warning_can_be_made_an_error() {
    let checked = under("unused-cache=error", FILE);
    let report = checked.report();
    assert!(checked.found.has_errors(), "{report}");
    assert!(report.contains("error[unused-cache]"), "{report}");
    assert!(
        report.contains("an error by the client's `STAGEFILE_LINT`"),
        "{report}"
    );
}

#[test]
fn the_client_has_the_last_word() {
    let file = format!("{FILE}lint: {{ unused-cache: error }}\n");
    assert!(under("", &file).found.has_errors());
    let relaxed = under("unused-cache=warning", &file);
    assert!(!relaxed.found.has_errors(), "{}", relaxed.report());
    assert!(relaxed.report().contains("warning[unused-cache]"));
    assert_eq!(under("unused-cache=off", &file).report(), "");
}

#[test]
fn a_policy_is_as_lines_of_a_file_too() {
    let policy =
        "# for all\nunused-secret=error   # one day\n\nunused-cache=off,unused-import=off\r\n";
    assert_eq!(under(policy, FILE).report(), "");
}

#[test]
fn a_policy_that_can_t_be_read_is_an_error() {
    for (policy, message) in [
        (
            "unused-cahce=off",
            "there is no warning `unused-cahce`; did you mean `unused-cache`?",
        ),
        (
            "unused-cache",
            "write `unused-cache=LEVEL`, which is one of off, warning, error",
        ),
        ("unused-cache=fatal", "write `unused-cache=LEVEL`"),
        ("unknown-stge", "did you mean `unknown-stage`?"),
        ("syntax=error", "there is no warning `syntax`"),
    ] {
        let report = under(policy, FILE).report();
        assert!(report.contains("error[invalid-policy]"), "{report}");
        assert!(report.contains(message), "{report}");
    }
}
