//! What images say of themselves, whatever their language.

use crate::write::{scalar, user};

/// The labels of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    source: Option<String>,
    description: Option<String>,
    license: Option<String>,
}

impl Labels {
    /// Begins with the address of the sources.
    pub(crate) fn new(source: Option<String>) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }

    /// Says what it is for.
    pub(crate) fn description(self, description: Option<&str>) -> Self {
        // An essay is no label.
        let description = description
            .map(str::trim)
            .filter(|text| !text.is_empty() && !text.contains('\n'));
        Self {
            description: description.map(str::to_owned),
            ..self
        }
    }

    /// Says under which license it is.
    pub(crate) fn license(self, license: Option<&str>) -> Self {
        Self {
            license: license.map(str::to_owned),
            ..self
        }
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
        let others = [
            ("description", &self.description),
            ("licenses", &self.license),
            ("source", &self.source),
        ];
        for (name, value) in others {
            lines.extend(value.as_ref().map(|value| label(name, &user(value))));
        }
        // What the client says of its checkout, if it says it.
        let said = |name: &str| format!("'${{{{ vcs.{name} != \"\" ? vcs.{name} : null }}}}'");
        if self.source.is_none() {
            lines.push(label("source", &said("source")));
        }
        lines.push(label("revision", &said("revision")));
        lines
    }
}

/// Writes which port is listened to, if that is known.
pub(crate) fn port_line(port: Option<u16>) -> Vec<String> {
    port.map(|port| format!("  expose: [{port}]"))
        .into_iter()
        .collect()
}
