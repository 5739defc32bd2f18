//! Places in the user's files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_llb::{Position, Range, SourceFile};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::image_config::or_default;

/// A place that an error or a warning is about: a file as a whole, with the ranges that matter.
///
/// Clients show it as an excerpt with the lines of all ranges marked. They need the file's name and
/// text, and show nothing for a line that the text doesn't have.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct SourcePosition {
    /// The file.
    pub file: SourceFile,
    /// What is marked in it.
    pub ranges: Vec<Range>,
}

impl SourcePosition {
    /// Names a file, its text, and its language in the words of GitHub's linguist.
    pub fn new(
        filename: impl Into<String>,
        language: impl Into<String>,
        text: impl Into<Bytes>,
    ) -> Self {
        Self::of(SourceFile {
            filename: filename.into(),
            language: language.into(),
            data: text.into(),
            definition: None,
        })
    }

    /// Takes a file that a graph's operations point to as well.
    pub fn of(file: SourceFile) -> Self {
        Self {
            file,
            ranges: Vec::new(),
        }
    }

    /// Marks a range.
    pub fn range(mut self, range: Range) -> Self {
        self.ranges.push(range);
        self
    }

    /// Marks whole lines, from the first to the last, counted from 1.
    pub fn lines(self, first: i32, last: i32) -> Self {
        self.range(Range::lines(first, last))
    }
}

/// The JSON that BuildKit's errors carry: names as in Go's structs, what is zero left out, the text in
/// base64.
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

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct InfoJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    filename: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
    // `definition` is left out: no client looks at it.
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
}

/// Both ends are always written, since Go's clients follow both without looking.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct RangeJson {
    #[serde(deserialize_with = "or_default")]
    start: PositionJson,
    #[serde(deserialize_with = "or_default")]
    end: PositionJson,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct PositionJson {
    #[serde(skip_serializing_if = "is_zero")]
    line: i32,
    #[serde(skip_serializing_if = "is_zero")]
    character: i32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl Serialize for SourcePosition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = |Position { line, character }| PositionJson { line, character };
        let ranges = self.ranges.iter();
        SourceJson {
            info: Some(InfoJson {
                filename: self.file.filename.clone(),
                data: STANDARD.encode(&self.file.data),
                language: self.file.language.clone(),
            }),
            ranges: ranges
                .map(|range| RangeJson {
                    start: json(range.start),
                    end: json(range.end),
                })
                .collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go's encoder writes for the same values.
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
}
