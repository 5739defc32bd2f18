//! Image metadata, independent of the language.

use crate::write::{scalar, user};

/// The labels of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    source: Option<String>,
    description: Option<String>,
    license: Option<String>,
}

impl Labels {
    /// Creates labels with the URL of the sources.
    pub(crate) fn new(source: Option<String>) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }

    /// Sets the description.
    pub(crate) fn description(self, description: Option<&str>) -> Self {
        // A long text isn't suitable as a label.
        let description = description
            .map(str::trim)
            .filter(|text| !text.is_empty() && !text.contains('\n'));
        Self {
            description: description.map(str::to_owned),
            ..self
        }
    }

    /// Sets the license.
    pub(crate) fn license(self, license: Option<&str>) -> Self {
        Self {
            license: license.map(str::to_owned),
            ..self
        }
    }

    /// Returns the labels as lines of a stage.
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
        // The client's information about its checkout, if there is any.
        let said = |name: &str| format!("'${{{{ vcs.{name} != \"\" ? vcs.{name} : null }}}}'");
        if self.source.is_none() {
            lines.push(label("source", &said("source")));
        }
        lines.push(label("revision", &said("revision")));
        lines
    }
}

/// Returns the line for the port, if it is known.
pub(crate) fn port_line(port: Option<u16>) -> Vec<String> {
    port.map(|port| format!("  expose: [{port}]"))
        .into_iter()
        .collect()
}
