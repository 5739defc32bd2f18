//! Resource limits of scripts.

use super::{Fields, Reader};
use crate::expression::Text;
use crate::syntax::keys::{ULIMIT, ULIMITS};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Device, Ulimit};

impl Reader<'_> {
    pub(super) fn ulimits(&mut self, fields: &Fields<'_>) -> Vec<Ulimit> {
        let fields = fields
            .get("ulimits")
            .and_then(|node| self.fields(node, &ULIMITS));
        let Some(fields) = fields else {
            return Vec::new();
        };
        // In the order of the table: the order in the file is meaningless, and must not change the
        // graph.
        ULIMITS
            .names()
            .filter_map(|name| {
                let node = fields.get(name)?;
                let span = fields.entry(name)?.key.span;
                let (soft, hard) = self.ulimit(node, name)?;
                Some(Ulimit {
                    name,
                    span,
                    soft,
                    hard,
                })
            })
            .collect()
    }

    /// Reads the soft and the hard limit; a single value sets both.
    fn ulimit(&mut self, node: &Node, name: &str) -> Option<(Option<Text>, Option<Text>)> {
        if !matches!(node.value, Value::Mapping(_)) {
            let both = self.string(node, name)?;
            return Some((Some(both.clone()), Some(both)));
        }
        let fields = self.fields(node, &ULIMIT)?;
        Some((
            self.string_of(&fields, "soft"),
            self.string_of(&fields, "hard"),
        ))
    }

    pub(super) fn device(&mut self, node: &Node) -> Option<Device> {
        self.long_form(node, "devices", |name, span| Device {
            span,
            name: Some(name),
            ..Device::default()
        })
    }
}
