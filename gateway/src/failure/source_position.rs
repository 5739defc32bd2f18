//! Positions in the user's files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_llb::{Definition, Digest, Position, Range, SourceFile};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

/// The position of an error or a warning: a file, with the relevant ranges.
///
/// Clients show it as an excerpt in which the lines of all ranges are marked. They need the file's name and text, and
/// show nothing for a line that the text doesn't have.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct SourcePosition {
    /// The file.
    pub file: SourceFile,
    /// The ranges to mark.
    pub ranges: Vec<Range>,
}

impl SourcePosition {
    /// Creates a position from a file's name, its language by the name in GitHub's linguist, and its text.
    pub fn new(
        filename: impl Into<String>,
        language: impl Into<String>,
        text: impl Into<Bytes>,
    ) -> Self {
        Self::from_file(SourceFile {
            filename: filename.into(),
            language: language.into(),
            data: text.into(),
            definition: None,
        })
    }

    /// Creates a position in a source file of a graph.
    pub fn from_file(file: SourceFile) -> Self {
        Self {
            file,
            ranges: Vec::new(),
        }
    }

    /// Adds a range.
    pub fn range(mut self, range: Range) -> Self {
        self.ranges.push(range);
        self
    }

    /// Adds a range given by byte offsets in the file's text. An offset beyond the end is the end.
    ///
    /// ```
    /// use buildkit_gateway::SourcePosition;
    /// use buildkit_llb::{Position, Range};
    ///
    /// let place = SourcePosition::new("f", "Text", "one\ntwö!\n").bytes(4..9);
    /// let position = |character| Position { line: 2, character };
    /// assert_eq!(place.ranges, [Range::new(position(0), position(4))]);
    /// ```
    pub fn bytes(self, bytes: std::ops::Range<usize>) -> Self {
        let start = Position::from_offset(&self.file.data, bytes.start);
        let end = Position::from_offset(&self.file.data, bytes.end.max(bytes.start));
        self.range(Range::new(start, end))
    }

    /// Adds a range of whole lines, from the first to the last, counted from 1.
    pub fn lines(self, first: i32, last: i32) -> Self {
        self.range(Range::lines(first, last))
    }
}

/// The JSON that BuildKit's errors contain: field names as in Go's structs, zero values left out, the text in Base64.
#[derive(Serialize, Deserialize)]
struct SourceJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    info: Option<InfoJson>,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    ranges: Vec<RangeJson>,
}

/// A file, also used in answers to subrequests.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct InfoJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    filename: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
    /// The graph that the file comes from, for tools that show the origin of an error. It isn't read back.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    definition: Option<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
}

/// Both ends are always written, since Go's clients access both without checking.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RangeJson {
    #[serde(deserialize_with = "or_default")]
    start: PositionJson,
    #[serde(deserialize_with = "or_default")]
    end: PositionJson,
}

/// Before 0.11, the field names began with upper-case letters, which Go treats the same.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct PositionJson {
    #[serde(alias = "Line", skip_serializing_if = "is_zero")]
    line: i32,
    #[serde(alias = "Character", skip_serializing_if = "is_zero")]
    character: i32,
}

/// Reads `null` as the default value, like Go.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl From<&SourceFile> for InfoJson {
    fn from(file: &SourceFile) -> Self {
        Self {
            filename: file.filename.clone(),
            data: STANDARD.encode(&file.data),
            definition: file.definition.as_ref().map(definition_json),
            language: file.language.clone(),
        }
    }
}

impl From<Range> for RangeJson {
    fn from(range: Range) -> Self {
        let json = |Position { line, character }| PositionJson { line, character };
        Self {
            start: json(range.start),
            end: json(range.end),
        }
    }
}

impl Serialize for SourcePosition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SourceJson {
            info: Some((&self.file).into()),
            ranges: self.ranges.iter().copied().map(RangeJson::from).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SourcePosition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = SourceJson::deserialize(deserializer)?;
        let info = source.info.unwrap_or_default();
        let text = STANDARD
            .decode(info.data)
            .map_err(serde::de::Error::custom)?;
        let mut position = Self::new(info.filename, info.language, text);
        let place = |PositionJson { line, character }| Position { line, character };
        for RangeJson { start, end } in source.ranges {
            position = position.range(Range::new(place(start), place(end)));
        }
        Ok(position)
    }
}

/// Encodes a graph the same way as Go encodes the message in JSON.
fn definition_json(definition: &Definition) -> Value {
    let operations = definition.operations();
    let metadata = definition.metadata().iter().map(|(digest, metadata)| {
        let mut json = Map::new();
        let description: Map<String, Value> = metadata
            .description()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        if !description.is_empty() {
            json.insert("description".to_owned(), Value::Object(description));
        }
        let known = metadata.capabilities();
        let known = known.iter().map(|capability| capability.id().to_owned());
        let all = known.chain(metadata.unknown_capabilities().map(str::to_owned));
        let capabilities: Map<String, Value> = all.map(|id| (id, json!(true))).collect();
        if !capabilities.is_empty() {
            json.insert("caps".to_owned(), Value::Object(capabilities));
        }
        (digest.to_string(), Value::Object(json))
    });
    let metadata: Map<String, Value> = metadata.collect();
    // Go lists every operation except the last, including those without a location.
    let placed = operations.len().saturating_sub(1);
    let locations = operations[..placed]
        .iter()
        .map(|operation| (Digest::of(operation).to_string(), json!({})));
    let locations: Map<String, Value> = locations.collect();
    let operations = operations
        .iter()
        .map(|operation| STANDARD.encode(operation));
    json!({
        "def": operations.collect::<Vec<_>>(),
        "metadata": metadata,
        "Source": { "locations": locations },
    })
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Constrain as _, Local, MarshalOptions};

    use super::*;

    /// The output of Go's encoder for the same values.
    const FROM_GO: &str = concat!(
        r#"{"info":{"filename":"f","data":"YQpiCg==","language":"L"},"#,
        r#""ranges":[{"start":{"line":1},"end":{"line":2,"character":3}}]}"#,
    );

    #[test]
    fn json_is_that_of_go() {
        let position = SourcePosition::new("f", "L", "a\nb\n").range(Range::new(
            Position {
                line: 1,
                character: 0,
            },
            Position {
                line: 2,
                character: 3,
            },
        ));
        assert_eq!(serde_json::to_string(&position).unwrap(), FROM_GO);
        assert_eq!(
            serde_json::from_str::<SourcePosition>(FROM_GO).unwrap(),
            position
        );
    }

    #[test]
    fn old_daemons_write_names_with_capitals() {
        let old = FROM_GO
            .replace("line", "Line")
            .replace("character", "Character");
        assert_eq!(
            serde_json::from_str::<SourcePosition>(&old).unwrap(),
            serde_json::from_str::<SourcePosition>(FROM_GO).unwrap()
        );
    }

    #[test]
    fn reads_what_is_missing_as_zero() {
        for json in ["{}", r#"{"info":{},"ranges":null}"#] {
            assert_eq!(
                serde_json::from_str::<SourcePosition>(json).unwrap(),
                SourcePosition::default()
            );
        }
        let position: SourcePosition =
            serde_json::from_str(r#"{"ranges":[{"start":null}],"new":1}"#).unwrap();
        assert_eq!(position.ranges.len(), 1);
    }

    #[test]
    fn the_graph_of_the_file_is_sent_along() {
        let state = Local::new("dockerfile")
            .session("s")
            .named("load")
            .into_state();
        let definition = state.marshal(&MarshalOptions::new());
        let head = definition.result_digest().unwrap().to_string();
        let mut position = SourcePosition::new("f", "L", "a\n");
        position.file.definition = Some(definition.clone());
        let json = serde_json::to_value(&position).unwrap();
        let sent = &json["info"]["definition"];
        let operations = definition.operations().iter();
        let operations: Vec<String> = operations.map(|it| STANDARD.encode(it)).collect();
        assert_eq!(sent["def"], json!(operations));
        let description = json!({ "llb.customname": "load" });
        assert_eq!(sent["metadata"][&head]["description"], description);
        assert_eq!(sent["Source"]["locations"][&head], json!({}));
    }
}
