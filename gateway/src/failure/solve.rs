//! State that is kept of a failed vertex.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// What the daemon kept of a failed vertex, for debugging.
///
/// The IDs refer to file systems that a container can mount ([`Mount`](crate::container::Mount))
/// until the build ends.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SolveFailure {
    /// The inputs of the vertex, in order; empty for an input without a file system.
    #[serde(rename = "inputIDs")]
    pub input_ids: Vec<String>,
    /// The content that the mounts of an exec operation had when it failed, in order.
    #[serde(rename = "mountIDs")]
    pub mount_ids: Vec<String>,
    /// The operation, in protobuf's JSON mapping.
    pub op: serde_json::Value,
    /// The index of the action of a file operation that failed.
    #[serde(rename = "file", deserialize_with = "index")]
    pub file_action: Option<u64>,
    /// The index of the input that couldn't be examined for the cache key.
    #[serde(rename = "cache", deserialize_with = "index")]
    pub cache_input: Option<u64>,
    /// The vertex's description.
    pub description: BTreeMap<String, String>,
}

/// Parses `{"index": "2"}`: protobuf's JSON mapping writes 64-bit numbers as strings and leaves out
/// 0.
fn index<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(u64),
        Text(String),
    }
    #[derive(Deserialize)]
    struct Subject {
        index: Option<Number>,
    }
    let subject = Option::<Subject>::deserialize(deserializer)?;
    subject
        .map(|subject| match subject.index {
            None => Ok(0),
            Some(Number::Number(number)) => Ok(number),
            Some(Number::Text(text)) => text.parse().map_err(serde::de::Error::custom),
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_json_of_protobuf() {
        let json = r#"{"inputIDs":["i1",""],"mountIDs":["m1"],"op":{"exec":{}},
            "file":{"index":"2"},"description":{"a":"b"}}"#;
        let solve: SolveFailure = serde_json::from_str(json).unwrap();
        assert_eq!(solve.input_ids, ["i1", ""]);
        assert_eq!(solve.mount_ids, ["m1"]);
        assert_eq!(solve.file_action, Some(2));
        assert_eq!(solve.cache_input, None);
        assert_eq!(solve.description["a"], "b");
        let solve: SolveFailure = serde_json::from_str(r#"{"cache":{}}"#).unwrap();
        assert_eq!(solve.cache_input, Some(0));
        assert_eq!(solve.file_action, None);
    }
}
