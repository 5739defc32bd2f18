//! What a build makes from a Stagefile: the scripts with everything that they see, and the image config.

mod asserts;
mod base;
mod config;
mod scripts;

use std::collections::BTreeSet;

use buildkit_gateway::ImageConfig;
use buildkit_llb::{Constrain, Graph, MarshalOptions, Platform};
use serde_json::Value;
use stagefile::tools::llb::{Offline, lower_target};
use stagefile_language::driver::{Checked, check_asking};
use stagefile_language::plan::{Plan, Request};
use stagefile_language::program::Wanted;
use stagefile_language::source::{Source, Sources};
use stagefile_lower::Lowered;

/// A base image whose config sets a bit of everything.
const BASE: &str = r#"{"os": "linux", "architecture": "amd64", "config": {
    "Env": ["PATH=/usr/bin:/bin", "LANG=C"], "User": "node", "WorkingDir": "/srv",
    "Entrypoint": ["/tini", "--"], "Cmd": ["serve", "--all"], "Labels": {"a": "b"},
    "ExposedPorts": {"9000": {}}}}"#;

fn platform() -> Platform {
    Platform::new("linux", "amd64")
}

fn request() -> Request {
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform())
    }
}

/// An image that is meant as a base for Dockerfiles.
const TRIGGERS: &str =
    r#"{"os": "linux", "architecture": "amd64", "config": {"OnBuild": ["RUN make"]}}"#;

/// Knows the images `base:1` and `triggers:1`.
fn offline() -> Offline {
    let mut offline = Offline::new(platform());
    for (name, config) in [("base:1", BASE), ("triggers:1", TRIGGERS)] {
        let added = offline.add_config(name, config.as_bytes());
        added.expect("a config");
    }
    offline
}

fn checked(file: &str) -> Checked {
    let source = Source::new("Stagefile", file);
    let no_files = |_: &Wanted| Err("there are no other files".into());
    check_asking(&source, &request(), no_files, |base| {
        offline().config_of(base)
    })
}

/// Plans a valid file.
fn plan(file: &str) -> (Plan, Sources) {
    let checked = checked(file);
    assert!(!checked.found.has_errors(), "{}", checked.report());
    (checked.plan.expect("a plan"), checked.sources)
}

/// Lowers the last stage of a valid file.
fn lowered(file: &str) -> Lowered {
    let (plan, sources) = plan(file);
    let lowered = lower_target(&plan, &sources, &offline());
    lowered.expect("a good file").0
}

/// Returns the config of the last stage's image.
fn config(file: &str) -> ImageConfig {
    lowered(file).target.config
}

/// Lists the processes of a graph, in the order of the file.
fn processes(file: &str) -> Vec<Value> {
    let options = MarshalOptions::new().on_platform(platform());
    let definition = lowered(file).target.state.marshal(&options);
    let graph = Graph::read(&definition).expect("a graph").to_json();
    let graph: Value = serde_json::from_str(&graph).expect("JSON");
    let vertices = graph["vertices"].as_array().expect("vertices");
    let processes = vertices.iter().map(|vertex| vertex["op"]["exec"].clone());
    processes.filter(|exec| !exec.is_null()).collect()
}
