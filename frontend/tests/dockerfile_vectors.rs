//! Dockerfile requests get the same answers as from Docker's own frontend: the same bytes, names, locations, configs
//! and warnings.
//!
//! `dockerfile-vectors/` holds requests with Docker's answers (BuildKit 0.32, syntax 1.26), one per file: the `files`
//! of the context, the client's `options`, the `images` of the registry, and what to `expect`. `DOCKERFILE_VECTORS`
//! names another folder of the same format.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buildkit_gateway::testkit::{Call, Daemon, Outcome};
use buildkit_gateway::{Environment, Failure};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{Definition, OpMetadata, Range};
use serde_json::{Map, Value, json};

const WORKERS: &str = r#"[{"id":"worker","platforms":[{"os":"linux","architecture":"amd64"},{"os":"linux","architecture":"arm64"}]}]"#;

fn folder() -> PathBuf {
    match std::env::var_os("DOCKERFILE_VECTORS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dockerfile-vectors"),
    }
}

#[tokio::test]
async fn every_request_is_answered_as_docker_does() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder of vectors")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are no vectors");
    let mut failed = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).expect("a vector");
        let vector: Value = serde_json::from_str(&text).expect("a vector is JSON");
        let problems = Box::pin(compare(&vector)).await;
        if !problems.is_empty() {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            failed.push(format!("== {name}\n{}", problems.join("\n")));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} differ:\n{}",
        failed.len(),
        paths.len(),
        failed.join("\n\n")
    );
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Sends a request to the frontend, and lists what isn't as expected.
async fn compare(vector: &Value) -> Vec<String> {
    let mut options: BTreeMap<String, String> = entries(&vector["options"])
        .map(|(name, value)| (name.clone(), text(value).to_owned()))
        .collect();
    // The default of the frontend that answered these requests; ours is different.
    options
        .entry("filename".to_owned())
        .or_insert_with(|| "Dockerfile".to_owned());
    let (daemon, outcome) = run(vector, options).await;
    let expected = &vector["expect"];
    let mut problems = Vec::new();
    match (&outcome, expected.get("error")) {
        (Outcome::Failure(failure), Some(error)) => compare_error(failure, error, &mut problems),
        (Outcome::Failure(failure), None) => problems.push(format!("error: {failure}")),
        (Outcome::Result(_), Some(error)) => problems.push(format!("no error: {error}")),
        (Outcome::Result(result), None) => {
            compare_result(&daemon, result, expected, &mut problems);
        }
    }
    let warnings: BTreeSet<String> = daemon.warnings().iter().map(warning).collect();
    let wanted: BTreeSet<String> = expected["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect();
    sets("warnings", &warnings, &wanted, &mut problems);
    let resolved: BTreeSet<String> = daemon.calls().iter().filter_map(resolved).collect();
    let wanted: BTreeSet<String> = expected["resolved"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|value| text(value).to_owned())
        .collect();
    // After an error, what was looked up is random.
    if expected.get("error").is_none() {
        sets("resolved", &resolved, &wanted, &mut problems);
    }
    problems
}

async fn run(vector: &Value, options: BTreeMap<String, String>) -> (Daemon, Outcome) {
    let mut daemon = Daemon::new();
    for (path, content) in entries(&vector["files"]) {
        let content = text(content).to_owned();
        for source in ["dockerfile", "context"] {
            daemon = daemon.local(source, [(path.as_str(), content.clone())]);
        }
        if let Some(context) = options.get("context") {
            let source = context.replacen("https", "git", 1);
            daemon = daemon.source(&source, [(path.as_str(), content)]);
        }
    }
    for (name, image) in entries(&vector["images"]) {
        let (digest, config) = (text(&image["digest"]), image["config"].to_string());
        daemon = match name.split_once('|') {
            None => daemon.image(name, digest, config),
            Some((name, platform)) => daemon.image_for(name, platform, digest, config),
        };
    }
    let environment = Environment::from_variables([
        ("BUILDKIT_SESSION_ID".into(), "session".into()),
        ("BUILDKIT_WORKERS".into(), WORKERS.into()),
    ]);
    let environment = environment.with_options(options);
    let outcome = daemon.serve(&environment, stagefile::session::answer).await;
    let outcome = outcome.expect("an end");
    (daemon, outcome)
}

fn sets(
    what: &str,
    found: &BTreeSet<String>,
    wanted: &BTreeSet<String>,
    problems: &mut Vec<String>,
) {
    for missing in wanted.difference(found) {
        problems.push(format!("{what}: missing {missing}"));
    }
    for extra in found.difference(wanted) {
        problems.push(format!("{what}: unexpected {extra}"));
    }
}

fn warning(warning: &wire::WarnRequest) -> String {
    let mut json = json!({
        "message": String::from_utf8_lossy(&warning.short),
        "detail": warning.detail.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>(),
        "level": warning.level,
    });
    if !warning.url.is_empty() {
        json["url"] = json!(warning.url);
    }
    let ranges = ranges(&warning.ranges);
    if ranges.as_array().is_some_and(|ranges| !ranges.is_empty()) {
        json["ranges"] = ranges;
    }
    json.to_string()
}

fn ranges(ranges: &[Range]) -> Value {
    let ranges = ranges.iter().map(|range| {
        let position = |position: &Option<buildkit_proto::ops::Position>| {
            let position = position.unwrap_or_default();
            json!([position.line, position.character])
        };
        json!({ "start": position(&range.start), "end": position(&range.end) })
    });
    Value::Array(ranges.collect())
}

fn resolved(call: &Call) -> Option<String> {
    let Call::ResolveSourceMeta(request) = call else {
        return None;
    };
    let identifier = &request.source.as_ref()?.identifier;
    let name = identifier.strip_prefix("docker-image://")?;
    let platform = request.platform.as_ref();
    let platform = platform.filter(|platform| !platform.os.is_empty());
    let platform = platform.map_or(String::new(), |platform| {
        let mut text = format!(" platform={}/{}", platform.os, platform.architecture);
        if !platform.variant.is_empty() {
            text.push('/');
            text.push_str(&platform.variant);
        }
        text
    });
    Some(format!(
        "{name}{platform} mode={} log={}",
        request.resolve_mode, request.log_name
    ))
}

fn compare_error(failure: &Failure, error: &Value, problems: &mut Vec<String>) {
    let message = text(&error["message"]);
    if !failure.message().starts_with(message) {
        problems.push(format!("error: {:?} for {message:?}", failure.message()));
    }
    let found = failure.positions().flat_map(|position| position.ranges);
    let found = found.map(|range| {
        json!({
            "start": [range.start.line, range.start.character],
            "end": [range.end.line, range.end.character],
        })
    });
    let found = Value::Array(found.collect());
    let wanted = error.get("ranges").cloned().unwrap_or_else(|| json!([]));
    if found != wanted {
        problems.push(format!("error's ranges: {found} for {wanted}"));
    }
}

fn compare_result(
    daemon: &Daemon,
    result: &wire::Result,
    expected: &Value,
    problems: &mut Vec<String>,
) {
    // Configs and answers are JSON in bytes, the rest is text.
    let metadata: Map<String, Value> = result
        .metadata
        .iter()
        .map(|(key, bytes)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let is_number = ["result.statuscode", "source.date.epoch"].contains(&key.as_str());
            let is_json = text.starts_with(['{', '[']) || is_number;
            let json = is_json.then(|| serde_json::from_str(&text).ok()).flatten();
            (key.clone(), json.unwrap_or(Value::String(text)))
        })
        .collect();
    let empty = Map::new();
    let wanted = expected["metadata"].as_object().unwrap_or(&empty);
    for key in metadata
        .keys()
        .chain(wanted.keys())
        .collect::<BTreeSet<_>>()
    {
        let (found, wanted) = (metadata.get(key), wanted.get(key));
        if found != wanted {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            problems.push(format!(
                "metadata {key}:\n  {}\n  for\n  {}",
                show(found),
                show(wanted)
            ));
        }
    }
    let mut found = definitions(daemon, result);
    // The answer to a subrequest has no files; neither has an empty image.
    if result.metadata.contains_key("result.json") {
        found.retain(|_, definition| !definition.def.is_empty());
    }
    for (platform, wanted) in entries(&expected["targets"]) {
        match found.get(platform) {
            None => problems.push(format!("no target {platform:?}")),
            Some(definition) => compare_graph(definition, wanted, problems),
        }
    }
    let wanted = expected["targets"].as_object().map_or(0, Map::len);
    if found.len() != wanted {
        problems.push(format!("{} targets for {wanted}", found.len()));
    }
}

/// Returns the graphs that became the result, by platform. If there is only one, the platform is empty.
fn definitions(daemon: &Daemon, result: &wire::Result) -> BTreeMap<String, Definition> {
    let of = |reference: &wire::Ref| daemon.definition(&reference.id);
    match &result.result {
        Some(wire::result::Result::Ref(reference)) => {
            [(String::new(), of(reference))].into_iter().collect()
        }
        Some(wire::result::Result::Refs(map)) => {
            let refs = map.refs.iter();
            refs.map(|(platform, reference)| (platform.clone(), of(reference)))
                .collect()
        }
        _ => BTreeMap::new(),
    }
}

fn compare_graph(definition: &Definition, wanted: &Value, problems: &mut Vec<String>) {
    let found: Vec<String> = definition
        .def
        .iter()
        .map(|op| STANDARD.encode(op))
        .collect();
    let ops: Vec<&str> = wanted["ops"]
        .as_array()
        .into_iter()
        .flatten()
        .map(text)
        .collect();
    if found != ops {
        let show = |op: &str| {
            let bytes = STANDARD.decode(op).unwrap_or_default();
            format!("{:?}", String::from_utf8_lossy(&bytes))
        };
        problems.push(format!("{} operations for {}", found.len(), ops.len()));
        for index in 0..found.len().max(ops.len()) {
            let (found, wanted) = (found.get(index), ops.get(index));
            if found.map(String::as_str) != wanted.copied() {
                problems.push(format!(
                    "operation {index}:\n  {}\n  for\n  {}",
                    found.map_or("nothing".to_owned(), |op| show(op)),
                    wanted.map_or("nothing".to_owned(), |op| show(op))
                ));
                break;
            }
        }
        return;
    }
    let mut groups = Groups::default();
    // IDs of groups are numbered in the order of the operations.
    let mut metadata = Map::new();
    for op in &definition.def {
        let digest = buildkit_llb::Digest::of(op).to_string();
        if let Some(found) = definition.metadata.get(&digest) {
            metadata.insert(digest, metadata_json(found, &mut groups));
        }
    }
    let wanted_metadata = renumbered(&wanted["metadata"], definition);
    for digest in metadata
        .keys()
        .chain(wanted_metadata.keys())
        .collect::<BTreeSet<_>>()
    {
        let (found, wanted) = (metadata.get(digest), wanted_metadata.get(digest));
        if found != wanted {
            problems.push(format!(
                "metadata of {digest}:\n  {found:?}\n  for\n  {wanted:?}"
            ));
        }
    }
    let source = definition.source.clone().unwrap_or_default();
    let locations: BTreeMap<&String, Value> = source
        .locations
        .iter()
        .filter(|(_, locations)| !locations.locations.is_empty())
        .map(|(digest, locations)| {
            let locations = locations.locations.iter();
            let locations = locations.map(|location| ranges(&location.ranges));
            (digest, Value::Array(locations.collect()))
        })
        .collect();
    let wanted: BTreeMap<&String, Value> = entries(&wanted["locations"])
        .filter(|(_, value)| value.as_array().is_some_and(|list| !list.is_empty()))
        .map(|(digest, value)| {
            // A location outside the file has no ranges, which Go writes as `null`.
            let list = value.as_array().into_iter().flatten();
            let list = list.map(|ranges| match ranges {
                Value::Null => json!([]),
                ranges => ranges.clone(),
            });
            (digest, Value::Array(list.collect()))
        })
        .collect();
    if locations != wanted {
        problems.push(format!("locations:\n  {locations:?}\n  for\n  {wanted:?}"));
    }
}

/// Numbers the IDs of progress groups, which differ between runs.
#[derive(Default)]
struct Groups(BTreeMap<String, usize>);

impl Groups {
    fn number(&mut self, id: &str) -> String {
        let next = self.0.len() + 1;
        let number = *self.0.entry(id.to_owned()).or_insert(next);
        format!("group-{number}")
    }
}

/// Numbers the expected groups in the order of the operations, too.
fn renumbered(wanted: &Value, definition: &Definition) -> Map<String, Value> {
    let mut groups = Groups::default();
    let mut numbered = wanted.as_object().cloned().unwrap_or_default();
    for op in &definition.def {
        let digest = buildkit_llb::Digest::of(op).to_string();
        if let Some(group) = numbered
            .get_mut(&digest)
            .and_then(|metadata| metadata.get_mut("progress_group"))
        {
            group["id"] = json!(groups.number(text(&group["id"])));
        }
    }
    numbered
}

fn metadata_json(metadata: &OpMetadata, groups: &mut Groups) -> Value {
    let mut json = Map::new();
    if !metadata.caps.is_empty() {
        json.insert(
            "capabilities".to_owned(),
            json!(metadata.caps.keys().collect::<Vec<_>>()),
        );
    }
    if !metadata.description.is_empty() {
        json.insert("description".to_owned(), json!(metadata.description));
    }
    if metadata.ignore_cache {
        json.insert("ignore_cache".to_owned(), json!(true));
    }
    if let Some(group) = &metadata.progress_group {
        let group =
            json!({ "id": groups.number(&group.id), "name": group.name, "weak": group.weak });
        json.insert("progress_group".to_owned(), group);
    }
    if let Some(resources) = &metadata.linux_resources {
        let mut limits = Map::new();
        let mut add = |name: &str, value: Value| {
            if value != json!(0) && value != json!("") {
                limits.insert(name.to_owned(), value);
            }
        };
        add("memory", json!(resources.memory));
        add("memorySwap", json!(resources.memory_swap));
        add("cpuShares", json!(resources.cpu_shares));
        add("cpuPeriod", json!(resources.cpu_period));
        add("cpuQuota", json!(resources.cpu_quota));
        add("cpusetCpus", json!(resources.cpuset_cpus));
        add("cpusetMems", json!(resources.cpuset_mems));
        json.insert("linux_resources".to_owned(), Value::Object(limits));
    }
    Value::Object(json)
}
