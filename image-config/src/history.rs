//! The history of an image.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::or_default;

/// A step in the history of an image.
///
/// The entries without [`empty_layer`](Self::empty_layer) correspond to the layers, in order. If there
/// are fewer entries than layers, the exporter generates entries from the names of operations; if
/// there are more, it marks the last ones as empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct History {
    /// The time of the step (RFC 3339). The exporter sets it if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The command that created the layer.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub created_by: String,
    /// The author.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub author: String,
    /// A comment, usually the same for all images built by a program.
    #[serde(skip_serializing_if = "str::is_empty", deserialize_with = "or_default")]
    pub comment: Cow<'static, str>,
    /// Whether the step didn't change any files.
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub empty_layer: bool,
    /// Keys that this crate doesn't know.
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
    /// Creates an entry for a step with a layer.
    pub fn layer(created_by: impl Into<String>) -> Self {
        Self {
            created_by: created_by.into(),
            ..Self::default()
        }
    }

    /// Creates an entry for a step that didn't change any files.
    pub fn no_layer(created_by: impl Into<String>) -> Self {
        Self {
            empty_layer: true,
            ..Self::layer(created_by)
        }
    }

    /// Sets the comment.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<Cow<'static, str>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// Sets the time of the step (RFC 3339).
    #[must_use]
    pub fn at(mut self, created: impl Into<String>) -> Self {
        self.created = Some(created.into());
        self
    }
}
