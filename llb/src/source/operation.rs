//! A source as a vertex.

use std::borrow::Cow;

use crate::capability::CapabilitySet;
use crate::constraints::Constraints;
use crate::encode::Encoder;
use crate::marshal::Context;
use crate::state::State;
use crate::vertex::{Operation, Output};

/// The attribute with the ID that distinguishes directories of different clients.
const UNIQUE: &str = "local.unique";

/// A source operation: its identifier and attributes.
#[derive(Debug)]
pub(crate) struct SourceOperation {
    identifier: String,
    /// Sorted by key.
    attributes: Vec<(Cow<'static, str>, String)>,
    kind: SourceKind,
}

/// Properties of a source that its encoding depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SourceKind {
    /// An image, which carries a platform.
    Image,
    /// A local directory without a session, which needs a unique ID: its own, or that of the whole
    /// graph.
    SharedLocal(Option<String>),
    Other,
}

/// The attributes and capabilities of a source.
#[derive(Default)]
pub(super) struct Attributes {
    entries: Vec<(Cow<'static, str>, String)>,
    pub(super) capabilities: CapabilitySet,
}

impl Attributes {
    /// Sets an attribute.
    pub(super) fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Sets an attribute unless its value is empty.
    pub(super) fn set_text(&mut self, key: &'static str, value: &str) {
        if !value.is_empty() {
            self.set(key, value);
        }
    }

    /// Sets an attribute to `true` if `value` is true.
    pub(super) fn set_flag(&mut self, key: &'static str, value: bool) {
        if value {
            self.set(key, "true");
        }
    }

    /// Creates a state from the source.
    pub(super) fn into_state(
        mut self,
        kind: SourceKind,
        identifier: String,
        mut constraints: Constraints,
    ) -> State {
        self.entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        constraints.require(self.capabilities);
        let operation = SourceOperation {
            identifier,
            attributes: self.entries,
            kind,
        };
        let output = Output::first(Operation::Source(operation), constraints);
        State::scratch().with_output(Some(output))
    }
}

impl SourceOperation {
    /// Reports whether the source carries a platform.
    pub(crate) fn is_platform_specific(&self) -> bool {
        self.kind == SourceKind::Image
    }

    /// Writes a `SourceOp`.
    pub(crate) fn encode(&self, context: &Context<'_>, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.identifier);
        let unique = match &self.kind {
            SourceKind::SharedLocal(id) => {
                Some(id.as_ref().unwrap_or(&context.options.local_unique_id))
            }
            _ => None,
        };
        let before = match unique {
            Some(_) => (self.attributes).partition_point(|(key, _)| &**key < UNIQUE),
            None => self.attributes.len(),
        };
        let (before, after) = self.attributes.split_at(before);
        for (key, value) in before {
            encoder.entry(2, key, value);
        }
        if let Some(id) = unique {
            encoder.entry(2, UNIQUE, id);
        }
        for (key, value) in after {
            encoder.entry(2, key, value);
        }
    }
}
