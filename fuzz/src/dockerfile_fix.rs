//! Corrections of Dockerfiles.

use std::collections::BTreeMap;

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_gateway::Options;
use buildkit_llb::{Constrain as _, Local, MarshalOptions, Platform, SourceMap, Support};
use stagefile::dockerfile::check::check;
use stagefile::dockerfile::offline::Setting;
use stagefile::tools::fix::Fixing;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::{Source, Sources};

/// Checks and corrects a Dockerfile: all findings have a location in it, nothing is left to correct afterwards, and if
/// nothing was wrong, the result builds the same.
pub fn dockerfile_fix(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let source = Source::new("Dockerfile", text.clone());
    let (fixed, made) = fix(&source);
    let (again, more) = fix(&fixed);
    assert!(
        more.is_empty() && again.text() == fixed.text(),
        "corrected again: {more:?}"
    );
    if made
        .iter()
        .any(|line| line.contains("(invalid-dockerfile)"))
    {
        return;
    }
    let (before, after) = (operations(source.text()), operations(fixed.text()));
    assert_eq!(before, after, "another graph: {made:?}");
}

fn setting(text: &str) -> Setting {
    let platform = Platform::new("linux", "amd64");
    Setting {
        options: Options::parse([("target", "")]).expect("options"),
        platform: Some(platform.clone()),
        build_platforms: vec![platform],
        support: Support::full(),
        map: SourceMap::new("Dockerfile", "Dockerfile", text.to_owned()),
        ignored: Vec::new(),
        configs: BTreeMap::new(),
        contexts: BTreeMap::new(),
    }
}

fn fix(source: &Source) -> (Source, Vec<String>) {
    let mut fixing = Fixing::new(source);
    loop {
        let sources = Sources::new(fixing.source().clone());
        let mut found = Diagnostics::default();
        check(sources.main(), &setting(sources.main().text()), &mut found);
        for one in found.errors().into_iter().chain(found.warnings()) {
            let range = one.primary.span.range();
            assert!(sources.main().text().get(range).is_some(), "{one:?}");
        }
        if !fixing.learn(&sources, &found) {
            return (fixing.source().clone(), fixing.made().to_vec());
        }
    }
}

/// Compiles all stages; `None` if there is a mistake.
fn operations(text: &str) -> Option<Vec<Vec<u8>>> {
    let file = Dockerfile::parse(text, &LintConfig::default());
    let setting = setting(text);
    let outcome = setting.compile(&file, true);
    let compilation = outcome.compilation.filter(|_| outcome.mistake.is_none())?;
    let context = Local::new("context").unique_id("context").into_state();
    let options = MarshalOptions::new().on_platform(Platform::new("linux", "amd64"));
    let definition = compilation.finish(&context).state.marshal(&options);
    let operations = definition.operations().iter();
    Some(operations.map(|bytes| bytes.to_vec()).collect())
}
