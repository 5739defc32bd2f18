//! Metadata and sources as JSON in the format of the vectors: protobuf's JSON, without defaults.

use buildkit_llb::{Location, Metadata, Range, Source, SourceFile};
use serde_json::{Map, Value, json};

/// An object without the members that are protobuf defaults.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let is_default = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Array(values) => values.is_empty(),
        _ => false,
    };
    let members = members.into_iter().filter(|(_, value)| !is_default(value));
    Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// A 64-bit number, which protobuf's JSON has as text.
fn wide<T: Copy + Default + PartialEq + ToString>(number: T) -> Value {
    if number == T::default() {
        Value::Null
    } else {
        json!(number.to_string())
    }
}

/// A map, or nothing if it is empty.
fn map(entries: Map<String, Value>) -> Value {
    if entries.is_empty() {
        Value::Null
    } else {
        Value::Object(entries)
    }
}

pub(crate) fn metadata_json(metadata: &Metadata) -> Value {
    let capabilities = metadata.capabilities();
    let known = capabilities
        .iter()
        .map(|capability| -> &str { capability.id() });
    let ids = known.chain(metadata.unknown_capabilities());
    let description = metadata.description();
    object([
        ("ignore_cache", json!(metadata.ignores_cache())),
        (
            "description",
            map(description
                .map(|(key, value)| (key.to_owned(), json!(value)))
                .collect()),
        ),
        (
            "export_cache",
            match metadata.exports_cache() {
                Some(value) => object([("Value", json!(value))]),
                None => Value::Null,
            },
        ),
        (
            "caps",
            map(ids.map(|id| (id.to_owned(), json!(true))).collect()),
        ),
        (
            "progress_group",
            metadata.progress_group().map_or(Value::Null, |group| {
                object([
                    ("id", json!(group.id)),
                    ("name", json!(group.name)),
                    ("weak", json!(group.weak)),
                ])
            }),
        ),
        (
            "linux_resources",
            metadata.linux_resources().map_or(Value::Null, |resources| {
                object([
                    ("memory", wide(resources.memory)),
                    ("memorySwap", wide(resources.memory_swap)),
                    ("cpuShares", wide(resources.cpu_shares)),
                    ("cpuPeriod", wide(resources.cpu_period)),
                    ("cpuQuota", wide(resources.cpu_quota)),
                    ("cpusetCpus", json!(resources.cpuset_cpus)),
                    ("cpusetMems", json!(resources.cpuset_mems)),
                ])
            }),
        ),
    ])
}

pub(crate) fn source_json(source: &Source) -> Value {
    let locations = source.locations().iter().map(|(digest, locations)| {
        let locations: Vec<Value> = locations.iter().map(location).collect();
        (
            digest.to_string(),
            object([("locations", json!(locations))]),
        )
    });
    let files: Vec<Value> = source.files().iter().map(file).collect();
    object([
        ("locations", map(locations.collect())),
        ("infos", json!(files)),
    ])
}

fn location(location: &Location) -> Value {
    let ranges: Vec<Value> = location.ranges().iter().map(range).collect();
    object([
        ("sourceIndex", json!(location.file())),
        ("ranges", json!(ranges)),
    ])
}

fn range(range: &Range) -> Value {
    let [start, end] = [range.start, range.end].map(|position| {
        object([
            ("line", json!(position.line)),
            ("character", json!(position.character)),
        ])
    });
    object([("start", start), ("end", end)])
}

fn file(file: &SourceFile) -> Value {
    object([
        ("filename", json!(file.filename)),
        ("language", json!(file.language)),
        ("data", json!(super::super::base64(&file.data))),
    ])
}
