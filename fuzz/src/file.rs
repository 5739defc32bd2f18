//! Whole Stagefiles: reading, planning, lowering and marshalling.

use std::collections::BTreeSet;

use buildkit_llb::{Graph, Platform};
use stagefile::tools::llb::{self, Offline};
use stagefile::tools::{outline, targets};
use stagefile_language::driver::check;
use stagefile_language::expression::Platforms;
use stagefile_language::plan::{Plan, Request, Vcs};
use stagefile_language::source::{Source, Sources};

use crate::places;

/// Compiles a file: all findings can be shown; a valid file gives a graph with the same bytes every time, which can be
/// read.
pub fn file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let checked = check(&Source::new("Stagefile", text), &request());
    let sources = &checked.sources;
    places::check(sources, &checked.found);
    // A file that is only imported by others has no plan.
    let for_others = !text.contains("stages");
    assert!(
        checked.plan.is_some() || checked.found.has_errors() || for_others,
        "no plan, and nothing said"
    );
    let Some(plan) = &checked.plan else { return };
    // Tools use plans of files with mistakes, too.
    let dockerfiles = outline::OfDockerfiles::default();
    _ = outline::json(plan, &dockerfiles, sources);
    _ = outline::text(plan, &dockerfiles);
    _ = targets::json(plan, sources);
    _ = targets::text(plan);
    if checked.found.has_errors() {
        return;
    }
    // From the text again, since maps in memory differ from run to run.
    let first = graph(plan, sources);
    let same = graph_of(text, None) == first;
    assert!(same, "the same file gives other bytes");
    // The target isn't the whole file, so another stage is compiled as well.
    let others: Vec<&str> = plan.stages[..plan.own]
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    if let Some(other) = others.get(data.len() % others.len().max(1)) {
        _ = graph_of(text, Some(other));
    }
}

/// Compiles a file for a target.
fn graph_of(text: &str, target: Option<&str>) -> Option<Vec<u8>> {
    let request = Request {
        target: target.map(str::to_owned),
        ..request()
    };
    let checked = check(&Source::new("Stagefile", text), &request);
    places::check(&checked.sources, &checked.found);
    let plan = checked.plan.filter(|_| !checked.found.has_errors())?;
    graph(&plan, &checked.sources)
}

/// Lowers a plan to bytes; `None` after errors, which can be shown.
fn graph(plan: &Plan, sources: &Sources) -> Option<Vec<u8>> {
    let mut offline = Offline::new(Platform::new("linux", "amd64"));
    offline.ignore = b"target\n!target/keep\n".to_vec();
    match llb::lower(plan, sources, &offline) {
        Ok((definition, _)) => {
            let graph = Graph::read(&definition).expect("our own graph can be read");
            assert!(!graph.to_string().is_empty(), "nothing to look at");
            Some(definition.to_bytes())
        }
        Err(found) => {
            assert!(found.has_errors(), "no graph, and nothing said");
            places::check(sources, &found);
            None
        }
    }
}

fn request() -> Request {
    Request {
        args: [("GIVEN".to_owned(), "by the client".to_owned())].into(),
        target: None,
        platforms: Platforms {
            target: Platform::new("linux", "arm64"),
            build: Platform::new("linux", "amd64"),
        },
        vcs: Vcs::default(),
        contexts: Some(BTreeSet::from(["given".to_owned()])),
    }
}
