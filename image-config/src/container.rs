//! The configuration of an image's containers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::healthcheck::Healthcheck;
use super::json::{key_set, or_default};

/// The default configuration of an image's containers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContainerConfig {
    /// The user, by name or numeric ID, optionally followed by a colon and a group.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub user: String,
    /// Exposed ports, such as `80/tcp`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", with = "key_set")]
    pub exposed_ports: BTreeSet<String>,
    /// Environment variables, each `NAME=value`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub env: Vec<String>,
    /// The program, with leading arguments.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub entrypoint: Vec<String>,
    /// Further arguments, which users can replace; or the program, if there is no entrypoint.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub cmd: Vec<String>,
    /// Directories that are volumes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", with = "key_set")]
    pub volumes: BTreeSet<String>,
    /// The working directory.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub working_dir: String,
    /// Labels.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "or_default"
    )]
    pub labels: BTreeMap<String, String>,
    /// The signal that stops the container.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub stop_signal: String,
    /// Whether the arguments are a single, already escaped line. Only used on Windows.
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub args_escaped: bool,
    /// The health check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Instructions that run when another image is built on this one (`ONBUILD`).
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub on_build: Vec<String>,
    /// The shell that runs commands given as a single line.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub shell: Vec<String>,
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

/// Splits a variable into name and value. Without `=`, the value is empty.
fn name_and_value(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

impl ContainerConfig {
    /// Returns the value of an environment variable.
    pub fn env(&self, name: &str) -> Option<&str> {
        let mut pairs = self.env.iter().map(|pair| name_and_value(pair));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Sets an environment variable, in place if it is set already.
    pub fn set_env(&mut self, name: &str, value: &str) {
        let pair = format!("{name}={value}");
        let is_it = |pair: &&mut String| name_and_value(pair).0 == name;
        match self.env.iter_mut().find(is_it) {
            Some(place) => *place = pair,
            None => self.env.push(pair),
        }
    }

    /// Sets environment variables like [`set_env`](Self::set_env), and removes those without a
    /// value. The list is scanned only once, however many variables are changed.
    pub fn change_env<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) {
        let mut pairs: Vec<_> = self.env.drain(..).map(Some).collect();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, pair) in pairs.iter().flatten().enumerate() {
            let (name, _) = name_and_value(pair);
            places.entry(name.to_owned()).or_default().push(place);
        }
        for (name, value) in changes {
            let Some(value) = value else {
                for place in places.remove(name).into_iter().flatten() {
                    pairs[place] = None;
                }
                continue;
            };
            let pair = Some(format!("{name}={value}"));
            let known = places.entry(name.to_owned()).or_default();
            let is_set =
                |place: &&usize| pairs[**place].as_ref().is_some_and(|it| it.contains('='));
            if let Some(place) = known.iter().find(is_set).copied() {
                pairs[place] = pair;
            } else {
                known.push(pairs.len());
                pairs.push(pair);
            }
        }
        self.env.extend(pairs.into_iter().flatten());
    }

    /// Sets the entrypoint, and clears `cmd`, which belonged to another program.
    pub fn set_entrypoint<A: Into<String>>(&mut self, arguments: impl IntoIterator<Item = A>) {
        self.entrypoint = arguments.into_iter().map(Into::into).collect();
        self.cmd.clear();
    }

    /// Exposes a port such as `80/tcp`.
    pub fn expose(&mut self, port: impl Into<String>) {
        self.exposed_ports.insert(port.into());
    }

    /// Adds a volume.
    pub fn add_volume(&mut self, path: impl Into<String>) {
        self.volumes.insert(path.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_keep_their_place() {
        let mut config = ContainerConfig::default();
        for (name, value) in [("A", "1"), ("B", "2"), ("A", "3=4"), ("AB", "")] {
            config.set_env(name, value);
        }
        assert_eq!(config.env, ["A=3=4", "B=2", "AB="]);
        assert_eq!(config.env("A"), Some("3=4"));
        assert_eq!(config.env("AB"), Some(""));
        assert_eq!(config.env("C"), None);
    }

    #[test]
    fn many_variables_are_changed_as_one_by_one() {
        let mut config = ContainerConfig {
            env: ["A=1", "B", "C=3", "A=again"].map(str::to_owned).into(),
            ..ContainerConfig::default()
        };
        config.change_env([
            ("C", Some("30")),
            ("D", Some("4")),
            ("A", None),
            ("B", Some("2")),
            ("D", None),
            ("A", Some("5=5")),
            ("E", None),
        ]);
        assert_eq!(config.env, ["B", "C=30", "B=2", "A=5=5"]);
    }
}
