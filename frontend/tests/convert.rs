//! Converting Dockerfiles to Stagefiles: every folder of `convert` has a Dockerfile, and the result.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_llb::Platform;
use serde_json::Value;
use stagefile::convert::{NoContext, Style};
use stagefile::tools::check::lowered;
use stagefile::tools::convert::checked as convert;
use stagefile_language::driver::check;
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

/// Checks the result of a conversion; returns the report.
fn report(stagefile: &str) -> (bool, String) {
    let platform = Platform::new("linux", "amd64");
    let request = Request::new(platform);
    let checked = lowered(check(&Source::new("Stagefile", stagefile), &request));
    (checked.found.has_errors(), checked.report())
}

fn converted(text: &str, style: Style) -> String {
    match convert(text, style, &NoContext) {
        Ok(stagefile) => stagefile,
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(|mistake| {
                let lines = mistake.places.first().map(|place| place.first);
                format!("error, line {}: {mistake}\n", lines.unwrap_or_default())
            });
            mistakes.collect()
        }
    }
}

#[test]
fn every_dockerfile_becomes_what_is_recorded() {
    insta::glob!("convert/*/Dockerfile", |path| {
        let text = fs::read_to_string(path).unwrap();
        let folder = path.parent().unwrap();
        let is_tidy = folder.ends_with("tidy");
        let stagefile = converted(&text, Style { tidy: is_tidy });
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.remove_input_file();
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!("Stagefile", stagefile);
            if !stagefile.starts_with("error") {
                insta::assert_snapshot!("check", report(&stagefile).1);
            }
        });
    });
}

/// What Docker compiles is converted to a file without errors, or refused with its lines.
#[test]
fn what_compiles_becomes_a_file_that_passes_check() {
    let folder = match std::env::var_os("DOCKERFILE_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dockerfile-vectors"),
    };
    let mut failed = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        // What Docker's frontend refuses may be converted to anything.
        if !vector["expect"]["error"].is_null() {
            continue;
        }
        for text in vector["files"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_str)
        {
            let dockerfile = Dockerfile::parse(text, &LintConfig::default());
            if !dockerfile.mistakes().is_empty()
                || dockerfile.stages().is_empty()
                || !seen.insert(text.to_owned())
            {
                continue;
            }
            for tidy in [false, true] {
                match convert(text, Style { tidy }, &NoContext) {
                    Err(mistakes) => {
                        let has_places = mistakes.iter().all(|mistake| !mistake.places.is_empty());
                        assert!(has_places, "{}: {mistakes:?}", path.display());
                    }
                    Ok(stagefile) => {
                        let (has_errors, report) = report(&stagefile);
                        let has_errors = has_errors && !stagefile.contains("# convert: ");
                        if has_errors {
                            failed.push(format!(
                                "== {}\n{text}\n--\n{stagefile}\n--\n{report}",
                                path.display()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(seen.len() > 100, "there are no vectors");
    assert!(
        failed.is_empty(),
        "{}\n{} failed",
        failed.join("\n\n"),
        failed.len()
    );
}
