//! JSON as Go reads and writes it.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};

/// The characters that Go escapes in JSON in addition to the required ones.
const SPECIAL: [char; 5] = ['<', '>', '&', '\u{2028}', '\u{2029}'];

/// Encodes JSON like Go's `encoding/json`, which escapes characters that are special in HTML.
pub(crate) fn to_go_json(value: &impl Serialize) -> Bytes {
    // These characters can only occur in strings. All types of this crate can be serialized, since
    // their keys are strings.
    let json = serde_json::to_string(value).unwrap_or_default();
    // One at a time, since searching for a single character is vectorized.
    if !SPECIAL.iter().any(|&special| json.contains(special)) {
        return json.into();
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped.into()
}

/// Reads `null` as the default value, like Go.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Sets, which Go encodes as objects whose values are empty objects.
pub(crate) mod key_set {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::de::IgnoredAny;
    use serde::ser::SerializeMap;
    use serde::{Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Empty {}

    pub(crate) fn serialize<S: Serializer>(
        keys: &BTreeSet<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(keys.len()))?;
        for key in keys {
            map.serialize_entry(key, &Empty {})?;
        }
        map.end()
    }

    #[expect(clippy::zero_sized_map_values, reason = "a set is written as a map")]
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<String>, D::Error> {
        let map: Option<BTreeMap<String, IgnoredAny>> = super::or_default(deserializer)?;
        Ok(map.unwrap_or_default().into_keys().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        assert_eq!(to_go_json(&"é\t"), "\"é\\t\"");
        let json = to_go_json(&"<a & b>\u{2028}\u{2029}\u{7f}é\t\u{1}");
        assert_eq!(
            json,
            "\"\\u003ca \\u0026 b\\u003e\\u2028\\u2029\u{7f}é\\t\\u0001\""
        );
    }
}
