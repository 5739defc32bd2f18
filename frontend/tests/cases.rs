//! Snapshot tests: every folder of `cases` has a Stagefile, what is reported about it, its graph and its image config.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use buildkit_llb::{Graph, Platform};
use stagefile::tools::expand::expand;
use stagefile::tools::llb::{self, Offline};
use stagefile_language::diagnostic::{Diagnostics, failure};
use stagefile_language::driver::{check, check_reading};
use stagefile_language::plan::{Plan, Request};
use stagefile_language::source::{Source, Sources};

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

/// Compares the reports about each file, and the graphs of valid files.
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
                // Left over from a file that was valid once.
                for stale in ["llb.snap", "config.snap"] {
                    assert!(!folder.join(stale).exists(), "{folder:?} has a {stale}");
                }
            }
            match made {
                None => insta::assert_snapshot!("diagnostics", checked.report()),
                // Some mistakes are only found when images are known.
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

/// The same file has a different graph when reports are requested.
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

/// The output for a valid file.
struct GoodOutput {
    graph: String,
    config: String,
    found: Diagnostics,
}

fn graph(plan: &Plan, sources: &Sources) -> Result<GoodOutput, Diagnostics> {
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
    Ok(GoodOutput {
        graph: graph.to_string(),
        config: serde_json::to_string_pretty(&config).expect("JSON"),
        found,
    })
}

/// Checks that every operation has a location in the file, for the daemon's excerpts, debuggers and provenance. Only
/// what comes from the client, and the frontend's own program, have none. Current debuggers panic if the last operation
/// has none. Locations are whole lines, since breakpoints have no column.
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

/// Returns what is built from each of the user's stages: assertions, operations, configs, and the image's metadata.
fn results(plan: &mut Plan, sources: &Sources) -> BTreeMap<String, Vec<String>> {
    let offline = Offline::new(Platform::new("linux", "amd64"));
    let mut results = BTreeMap::new();
    for stage in &mut plan.stages[..plan.own] {
        // An assertion puts an excerpt of the file into the graph.
        let facts = std::mem::take(&mut stage.assertions);
        let files = facts.files.iter().map(|one| format!("{:?}", one.fact));
        let image = facts.image.iter().map(|one| format!("{:?}", one.fact));
        let commands = facts.commands.iter().map(|one| format!("{:?}", one.fact));
        let facts = files.chain(image).chain(commands);
        let facts = facts.map(|fact| without_places(&fact)).collect();
        results.insert(stage.name.clone(), facts);
    }
    plan.want_all();
    for id in std::mem::take(&mut plan.others) {
        plan.target = id;
        let Some(result): Option<&mut Vec<String>> = results.get_mut(&plan.stage(id).name) else {
            continue;
        };
        match llb::lower(plan, sources, &offline) {
            Ok((definition, _)) => {
                let operations = definition.operations().iter();
                let mut operations: Vec<String> =
                    operations.map(|one| format!("{one:?}")).collect();
                operations.sort();
                result.extend(operations);
                let (lowered, _) =
                    llb::lower_target(plan, sources, &offline).expect("what has just been lowered");
                let config = lowered.target.config.to_json();
                result.push(String::from_utf8_lossy(&config).into_owned());
                result.push(format!("{:?} {:?}", plan.annotations(), plan.epoch()));
            }
            // Mistakes that are only found when images are known.
            Err(found) => result.push(format!("{} errors", found.errors().len())),
        }
    }
    results
}

fn without_places(text: &str) -> String {
    let mut parts = text.split("Span { start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once(" }").map_or("", |(_, rest)| rest)
    })
}

/// Expands a file twice, and says where the build results differ; `None` if the file has mistakes, or is generated from
/// a manifest.
fn expansion_mistakes(path: &Path, text: &str) -> Option<Vec<String>> {
    let source = Source::new("Stagefile", text);
    let folder = path.parent().expect("a case has a folder");
    let platform = Platform::new("linux", "amd64");
    let mut checked = check_reading(&source, &request(), |wanted| {
        let path = folder.join(&wanted.file.path);
        let text = fs::read_to_string(path).ok();
        let text = text.filter(|_| wanted.file.project.is_none());
        text.ok_or_else(|| "there is no such file".into())
    });
    let mut plan = checked.take_plan()?;
    if !plan.wanted_bases().is_empty() {
        return None;
    }
    let mut mistakes = Vec::new();
    let mut written = expand(&plan, &checked.sources, &platform);
    let before = results(&mut plan, &checked.sources);
    for _ in 0..2 {
        let text = match &written {
            Ok(written) => written.text.clone(),
            Err(error) => return Some(vec![error.clone()]),
        };
        let mut checked = check(&Source::new("Stagefile", text.as_str()), &request());
        let report = checked.report();
        let Some(mut plan) = checked.take_plan() else {
            return Some(vec![format!("{report}\n{text}")]);
        };
        written = expand(&plan, &checked.sources, &platform);
        let after = results(&mut plan, &checked.sources);
        for (stage, result) in &before {
            let other = after.get(stage).map_or(&[][..], Vec::as_slice);
            let differs = result.iter().zip(other).find(|(one, other)| one != other);
            if let Some((one, other)) = differs {
                mistakes.push(format!("{stage}:\n{one}\n{other}\n{text}"));
            } else if result.len() != other.len() {
                mistakes.push(format!("{stage}: another number of steps\n{text}"));
            }
        }
    }
    Some(mistakes)
}

#[test]
fn a_file_that_is_written_out_builds_the_same() {
    let mut count = 0;
    let mut mistakes = String::new();
    for pattern in ["tests/cases", "../examples"] {
        let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(pattern)).unwrap();
        for folder in folders {
            let path = folder.unwrap().path().join("Stagefile");
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let Some(found) = expansion_mistakes(&path, &text) else {
                continue;
            };
            count += 1;
            for mistake in found {
                _ = writeln!(mistakes, "{}: {mistake}", path.display());
            }
        }
    }
    assert!(mistakes.is_empty(), "{mistakes}");
    assert!(count > 80, "{count}");
}
