//! Graphs as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json_op::op_json;
use super::{Graph, GraphVertex};
use crate::definition::Location;
use crate::metadata::Metadata;

impl Graph {
    /// Returns everything in the definition as JSON: the digest, name, operation, metadata and locations
    /// of each vertex, and the graph's result.
    ///
    /// Operations follow protobuf's JSON mapping: field names of the wire, 64-bit numbers as strings,
    /// bytes in Base64, and defaults left out. With the feature `serde`, a graph can be serialized to
    /// other formats as well.
    pub fn to_json(&self) -> String {
        // A value of all vertices together would take many times the memory of the text.
        let mut text = String::from("{\n  \"result\": ");
        push_indented(&mut text, &self.result_json(), 2);
        text.push_str(",\n  \"vertices\": [");
        for (number, vertex) in self.vertices.iter().enumerate() {
            text.push_str(if number == 0 { "\n    " } else { ",\n    " });
            push_indented(&mut text, &vertex.to_json_value(), 4);
        }
        text.push_str(if self.vertices.is_empty() {
            "]\n}"
        } else {
            "\n  ]\n}"
        });
        text
    }

    pub(crate) fn result_json(&self) -> Value {
        let result = self.result();
        json!(
            result.map(
                |(vertex, output)| json!({"digest": vertex.digest.to_string(), "index": output})
            )
        )
    }
}

/// Appends a value that is nested in others, indented by this many spaces.
fn push_indented(text: &mut String, value: &Value, indent: usize) {
    let value = format!("{value:#}");
    for (number, line) in value.lines().enumerate() {
        if number > 0 {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
        }
        text.push_str(line);
    }
}

impl GraphVertex {
    /// Returns everything in the definition about the vertex as JSON, like [`Graph::to_json`].
    pub fn to_json(&self) -> String {
        format!("{:#}", self.to_json_value())
    }

    /// Returns the output of [`GraphVertex::to_json`] as a JSON value, for further processing.
    pub fn to_json_value(&self) -> Value {
        let locations: Vec<Value> = self.locations.iter().map(location_json).collect();
        json!({
            "digest": self.digest.to_string(),
            "name": self.name(),
            "op": op_json(&self.op()),
            "metadata": metadata_json(&self.metadata),
            "locations": locations,
        })
    }
}

fn metadata_json(metadata: &Metadata) -> Value {
    let mut json = json!({
        "capabilities": metadata.capability_ids(),
        "ignore_cache": metadata.ignores_cache(),
    });
    if metadata.description.is_some() {
        let description: BTreeMap<&str, &str> = metadata.description().collect();
        json["description"] = json!(description);
    }
    if let Some(export) = metadata.exports_cache() {
        json["export_cache"] = json!(export);
    }
    if let Some(group) = metadata.progress_group() {
        json["progress_group"] = json!({"id": group.id, "name": group.name, "weak": group.weak});
    }
    if let Some(resources) = metadata.linux_resources() {
        json["linux_resources"] = json!({
            "memory": resources.memory,
            "memory_swap": resources.memory_swap,
            "cpu_shares": resources.cpu_shares,
            "cpu_period": resources.cpu_period,
            "cpu_quota": resources.cpu_quota,
            "cpuset_cpus": resources.cpuset_cpus,
            "cpuset_mems": resources.cpuset_mems,
        });
    }
    json
}

fn location_json(location: &Location) -> Value {
    let ranges = location.ranges().iter().map(|range| {
        json!([
            range.start.line,
            range.start.character,
            range.end.line,
            range.end.character
        ])
    });
    json!({"file": location.file(), "ranges": ranges.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Constrain as _, Exec, MarshalOptions, State};

    #[test]
    fn vertices_are_indented_as_those_of_one_value_are() {
        let run = Exec::shell("one\ntwo \u{2028}").named("a \"name\"");
        let run = State::image("busybox:1.35")
            .expect("a name")
            .run(run)
            .root();
        for state in [State::scratch(), run] {
            let definition = state.marshal(&MarshalOptions::new());
            let json = Graph::read(&definition).expect("a graph").to_json();
            let value: Value = serde_json::from_str(&json).expect("JSON");
            assert_eq!(format!("{value:#}"), json);
        }
    }
}
