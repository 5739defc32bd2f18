//! A Stagefile in, what is said of it, its graph and its image's config out: every folder of `cases` is one.

use std::collections::BTreeSet;
use std::fs;

use buildkit_llb::{Graph, Platform};
use stagefile::tools::llb::{self, Offline};
use stagefile_language::diagnostic::{Diagnostics, failure};
use stagefile_language::driver::{check, check_reading};
use stagefile_language::plan::{Plan, Request};
use stagefile_language::source::{Source, Sources};

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::of(platform)
    }
}

/// What is said of each file, and the graph of those that are good.
#[test]
fn every_case_is_as_recorded() {
    insta::glob!("cases/*/Stagefile", |path| {
        let source = Source::new("Stagefile", fs::read_to_string(path).unwrap());
        let folder = path.parent().unwrap();
        let mut checked = check_reading(&source, &request(), |wanted| {
            let path = folder.join(&wanted.file.path);
            fs::read_to_string(path).map_err(|_| "there is no such file".into())
        });
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.remove_input_file();
        settings.set_omit_expression(true);
        settings.bind(|| {
            let good = !checked.found.has_errors();
            let plan = checked.plan.as_ref().filter(|_| good);
            let made = plan.map(|plan| graph(plan, &checked.sources));
            if !matches!(made, Some(Ok(_))) {
                // Of a file that was good once.
                for stale in ["llb.snap", "config.snap"] {
                    assert!(!folder.join(stale).exists(), "{folder:?} has a {stale}");
                }
            }
            match made {
                None => insta::assert_snapshot!("diagnostics", checked.report()),
                // Some mistakes are noticed only when images are known.
                Some(Err(found)) => {
                    insta::assert_snapshot!("diagnostics", failure(&checked.sources, &found));
                }
                Some(Ok(made)) => {
                    for warning in made.found.warnings() {
                        checked.found.push(warning.clone());
                    }
                    insta::assert_snapshot!("diagnostics", checked.report());
                    insta::assert_snapshot!("llb", made.graph);
                    insta::assert_snapshot!("config", made.config);
                }
            }
        });
    });
}

/// The same file has another graph when reports are wanted.
#[test]
fn the_reports_of_key_reports_are_as_recorded() {
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/key-reports");
    let text = fs::read_to_string(format!("{case}/Stagefile")).unwrap();
    let request = Request {
        target: Some("test@reports".to_owned()),
        ..request()
    };
    let checked = check(&Source::new("Stagefile", text), &request);
    let graph = graph(&checked.plan.unwrap(), &checked.sources)
        .unwrap()
        .graph;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("reports", graph));
}

/// What is made of a good file.
struct Made {
    graph: String,
    config: String,
    found: Diagnostics,
}

fn graph(plan: &Plan, sources: &Sources) -> Result<Made, Diagnostics> {
    let offline = Offline::new(Platform::new("linux", "amd64"));
    let (definition, _) = llb::lower(plan, sources, &offline)?;
    let (again, _) = llb::lower(plan, sources, &offline)?;
    assert_eq!(
        definition.to_bytes(),
        again.to_bytes(),
        "the same file gives other bytes"
    );
    definition
        .verify()
        .expect("what no daemon takes is found in the file");
    let graph = Graph::read(&definition).expect("our own graph can be read");
    check_places(&graph);
    let (lowered, found) = llb::lower_target(plan, sources, &offline)?;
    let config = lowered.target.config.to_json();
    let config: serde_json::Value = serde_json::from_slice(&config).expect("JSON");
    Ok(Made {
        graph: graph.to_string(),
        config: serde_json::to_string_pretty(&config).expect("JSON"),
        found,
    })
}

/// Every operation has a place in the file, for the daemon's excerpts, debuggers and provenance: only what comes from the
/// client, and the frontend's own program, is written nowhere. A debugger of today panics if the last one has none.
/// Places are whole lines: breakpoints have no column.
fn check_places(graph: &Graph) {
    for vertex in graph.vertices() {
        let name = vertex.name();
        let nowhere = [
            "local://",
            "[internal] ",
            "docker-image://docker.io/stagefile/stagefile:1",
        ];
        let nowhere = nowhere.iter().any(|start| name.starts_with(start));
        assert!(
            nowhere || !vertex.locations().is_empty(),
            "`{name}` has no place in:\n{graph}"
        );
        for range in vertex
            .locations()
            .iter()
            .flat_map(buildkit_llb::Location::ranges)
        {
            assert!(range.start.line >= 1, "{name}: {range:?}");
            assert_eq!(range.start.character, 0, "{name}: {range:?}");
        }
    }
}
