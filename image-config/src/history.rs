//! What an image was made by.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::or_default;

/// One step of an image's making.
///
/// The entries without [`empty_layer`](Self::empty_layer) belong to the layers, in order. Where there
/// are less than layers, the exporter makes entries up out of the names of operations; where there are
/// more, it marks the last of them as empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct History {
    /// When it was done (RFC 3339). The exporter sets it if it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// What did it.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub created_by: String,
    /// Who did it.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub author: String,
    /// What else there is to say: nearly always what a program says of all its images.
    #[serde(skip_serializing_if = "str::is_empty", deserialize_with = "or_default")]
    pub comment: Cow<'static, str>,
    /// Whether it left the files as they were.
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub empty_layer: bool,
    /// What this crate doesn't know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl History {
    /// Records a step that made a layer.
    pub fn layer(created_by: impl Into<String>) -> Self {
        Self {
            created_by: created_by.into(),
            ..Self::default()
        }
    }

    /// Records a step that left the files as they were.
    pub fn no_layer(created_by: impl Into<String>) -> Self {
        Self {
            empty_layer: true,
            ..Self::layer(created_by)
        }
    }

    /// Says what else there is to say.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<Cow<'static, str>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// Says when it was done (RFC 3339).
    #[must_use]
    pub fn at(mut self, created: impl Into<String>) -> Self {
        self.created = Some(created.into());
        self
    }
}
