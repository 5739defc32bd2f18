//! A Stagefile in, what is said of it out: every folder of `cases` is one.

use std::collections::BTreeSet;
use std::fs;

use buildkit_llb::Platform;
use stagefile::expression::Platforms;
use stagefile::plan::Request;
use stagefile::source::Source;
use stagefile::tools::check::check;

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        args: [].into(),
        target: None,
        platforms: Platforms {
            target: platform.clone(),
            build: platform,
        },
        contexts: BTreeSet::new(),
    }
}

#[test]
fn diagnostics() {
    insta::glob!("cases/*/Stagefile", |path| {
        let source = Source::new("Stagefile", fs::read_to_string(path).unwrap());
        let checked = check(&source, &request());
        let folder = path.parent().unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("diagnostics", checked.report(&source)));
    });
}
