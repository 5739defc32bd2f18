//! A whole Stagefile: read, planned, lowered, marshalled.

use std::collections::BTreeSet;

use buildkit_llb::{Graph, Platform};
use stagefile::expression::Platforms;
use stagefile::plan::{Plan, Request};
use stagefile::source::{Source, Sources};
use stagefile::tools::check::check;
use stagefile::tools::llb::{self, Offline};
use stagefile::tools::{outline, targets};

use crate::places;

/// Compiles a file: everything that is found can be shown; a good file gives a graph, the same bytes every time, that
/// can be read.
pub fn file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let checked = check(Source::new("Stagefile", text), &request());
    let sources = &checked.sources;
    places::check(sources, &checked.found);
    assert!(
        checked.plan.is_some() || checked.found.has_errors(),
        "no plan, and nothing said"
    );
    let Some(plan) = &checked.plan else { return };
    // Tools look at plans of files with mistakes too.
    _ = outline::json(plan, sources);
    _ = outline::text(plan);
    _ = targets::json(plan, sources);
    _ = targets::text(plan);
    if checked.found.has_errors() {
        return;
    }
    let Some(bytes) = graph(plan, sources) else {
        return;
    };
    // From the text once more, since maps in memory differ from run to run.
    let again = check(Source::new("Stagefile", text), &request());
    let again = again.plan.and_then(|plan| graph(&plan, &again.sources));
    assert!(again == Some(bytes), "the same file gives other bytes");
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
        contexts: BTreeSet::from(["given".to_owned()]),
    }
}
