//! What is known of a vertex that failed.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// What the daemon kept of a vertex that failed, for looking into it.
///
/// The ids name file systems that a container can mount ([`Mount`](crate::container::Mount)) for as
/// long as the build goes on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SolveFailure {
    /// The inputs of the vertex, in its order; empty for one that has no file system.
    #[serde(rename = "inputIDs")]
    pub input_ids: Vec<String>,
    /// What the mounts of an exec operation held when it failed, in its order.
    #[serde(rename = "mountIDs")]
    pub mount_ids: Vec<String>,
    /// The operation, in protobuf's JSON.
    pub op: serde_json::Value,
    /// Which action of a file operation failed.
    #[serde(rename = "file", deserialize_with = "index")]
    pub file_action: Option<u64>,
    /// Which input could not be looked at for the cache key.
    #[serde(rename = "cache", deserialize_with = "index")]
    pub cache_input: Option<u64>,
    /// The metadata of the vertex.
    pub description: BTreeMap<String, String>,
}

/// Reads `{"index": "2"}`: protobuf's JSON has 64-bit numbers as text and leaves 0 out.
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
