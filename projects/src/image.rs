//! What images say of themselves, whatever their language.

use crate::write::{scalar, user};

/// The labels of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    source: Option<String>,
}

impl Labels {
    /// Begins with the address of the sources.
    pub(crate) fn new(source: Option<String>) -> Self {
        Self { source }
    }

    /// Writes them, as lines of a stage.
    pub(crate) fn lines(&self, title: &str) -> Vec<String> {
        let label =
            |name: &str, value: &str| format!("    org.opencontainers.image.{name}: {value}");
        let mut lines = vec![
            "  labels:".to_owned(),
            label("title", &user(title)),
            label("version", &scalar("${{ args.VERSION }}")),
        ];
        let source = self.source.as_ref();
        lines.extend(source.map(|source| label("source", &user(source))));
        lines
    }
}

/// Writes which port is listened to, if that is known.
pub(crate) fn port_line(port: Option<u16>) -> Vec<String> {
    port.map(|port| format!("  expose: [{port}]"))
        .into_iter()
        .collect()
}
