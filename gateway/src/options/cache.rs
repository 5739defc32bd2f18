//! Caches that the client requests to import.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::Problems;

/// A cache to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheImport {
    /// The type, such as `registry`, `gha` or `local`.
    pub kind: String,
    /// The attributes of that type; for a registry, `ref`.
    pub attributes: BTreeMap<String, String>,
}

/// Parses the current option, which is JSON, and the older one, a list of images in registries.
pub(super) fn parse(raw: &BTreeMap<String, String>, problems: &mut Problems) -> Vec<CacheImport> {
    let mut imports: Vec<CacheImport> = problems.parse_or_default(raw, "cache-imports", |json| {
        Ok(serde_json::from_str::<Option<Vec<Entry>>>(json)?
            .unwrap_or_default()
            .into_iter()
            .map(CacheImport::from)
            .collect())
    });
    let older = raw.get("cache-from").filter(|list| !list.is_empty());
    for image in older.iter().flat_map(|list| list.split(',')) {
        let import = CacheImport {
            kind: "registry".to_owned(),
            attributes: BTreeMap::from([("ref".to_owned(), image.to_owned())]),
        };
        if !imports.contains(&import) {
            imports.push(import);
        }
    }
    imports
}

/// An entry as Go encodes it. Go ignores the case of names, and clients have sent both.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Type", alias = "type", default)]
    kind: String,
    #[serde(rename = "Attrs", alias = "attrs", default)]
    attributes: Option<BTreeMap<String, String>>,
}

impl From<Entry> for CacheImport {
    fn from(entry: Entry) -> Self {
        Self {
            kind: entry.kind,
            attributes: entry.attributes.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(options: &[(&str, &str)]) -> Vec<String> {
        let mut problems = Problems::default();
        let owned = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let imports = parse(&owned.collect(), &mut problems);
        let imports = problems.into_result(imports).unwrap();
        let show = |import: &CacheImport| format!("{} {:?}", import.kind, import.attributes);
        imports.iter().map(show).collect()
    }

    #[test]
    fn both_forms_are_read() {
        let json = r#"[{"Type":"registry","Attrs":{"ref":"a"}},{"type":"gha","attrs":null}]"#;
        assert_eq!(
            parse_all(&[("cache-imports", json), ("cache-from", "a,b")]),
            [
                r#"registry {"ref": "a"}"#,
                "gha {}",
                r#"registry {"ref": "b"}"#
            ]
        );
        assert!(parse_all(&[("cache-imports", "null")]).is_empty());
        let mut problems = Problems::default();
        let raw = BTreeMap::from([("cache-imports".to_owned(), "{".to_owned())]);
        let imports = parse(&raw, &mut problems);
        problems.into_result(imports).unwrap_err();
    }
}
