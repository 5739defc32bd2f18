//! Serialization with `serde` (the feature of that name).
//!
//! Digests, checksums and references are strings; a platform is the object of the OCI
//! specification, with fields in the order in which Go writes them. Graphs are written as by
//! [`Graph::to_json`].

use std::borrow::Cow;

use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Checksum, Digest, Graph, GraphVertex, Platform, Reference};

macro_rules! strings {
    ($($kind:ident),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

strings!(Checksum, Digest, Reference);

/// A platform as in the OCI specification.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Oci<'a> {
    architecture: Cow<'a, str>,
    os: Cow<'a, str>,
    #[serde(rename = "os.version", skip_serializing_if = "str::is_empty")]
    os_version: Cow<'a, str>,
    #[serde(rename = "os.features", skip_serializing_if = "<[String]>::is_empty")]
    os_features: Cow<'a, [String]>,
    #[serde(skip_serializing_if = "str::is_empty")]
    variant: Cow<'a, str>,
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let platform = Oci {
            architecture: (&self.architecture).into(),
            os: (&self.os).into(),
            os_version: (&self.os_version).into(),
            os_features: (&self.os_features).into(),
            variant: (&self.variant).into(),
        };
        platform.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let platform = Oci::deserialize(deserializer)?;
        Ok(Self {
            os: platform.os.into_owned(),
            architecture: platform.architecture.into_owned(),
            variant: platform.variant.into_owned(),
            os_version: platform.os_version.into_owned(),
            os_features: platform.os_features.into_owned(),
        })
    }
}

impl Serialize for Graph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("result", &self.result_json())?;
        map.serialize_entry("vertices", self.vertices())?;
        map.end()
    }
}

impl Serialize for GraphVertex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json_value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MarshalOptions, State};

    #[test]
    fn values_come_back_as_they_went() {
        let digest = Digest::of(b"");
        let json = serde_json::to_string(&digest).expect("JSON");
        assert_eq!(json, format!("\"{digest}\""));
        assert_eq!(
            serde_json::from_str::<Digest>(&json).expect("a digest"),
            digest
        );
        assert!(serde_json::from_str::<Digest>("\"sha256:\"").is_err());

        let platform = Platform::new("linux", "arm").with_variant("v7");
        let json = serde_json::to_string(&platform).expect("JSON");
        assert_eq!(
            json,
            r#"{"architecture":"arm","os":"linux","variant":"v7"}"#
        );
        assert_eq!(
            serde_json::from_str::<Platform>(&json).expect("a platform"),
            platform
        );

        let reference: Reference = "alpine:3".parse().expect("a reference");
        let json = serde_json::to_string(&reference).expect("JSON");
        let read: Reference = serde_json::from_str(&json).expect("a reference");
        assert_eq!(read.to_string(), reference.to_string());
    }

    #[test]
    fn graphs_are_what_to_json_writes() {
        let definition = State::local("c").marshal(&MarshalOptions::new());
        let graph = Graph::read(&definition).expect("a graph");
        assert_eq!(
            serde_json::to_string_pretty(&graph).expect("JSON"),
            graph.to_json()
        );
    }
}
