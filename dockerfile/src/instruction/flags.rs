//! Flags before the arguments of an instruction.

use std::collections::BTreeMap;

use crate::mistake::Mistake;

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// `true` or `false`; alone it is `true`.
    Switch,
    /// One value.
    Value,
    /// A value each time it is there.
    Values,
}

/// The flags of an instruction.
#[derive(Default)]
pub(super) struct Flags {
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Flags {
    /// Reads flags, of which these are known.
    pub(super) fn read(flags: &[String], known: &[(&'static str, Takes)]) -> Result<Self, Mistake> {
        let mut values: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for flag in flags {
            if flag == "--" {
                break;
            }
            let Some(text) = flag.strip_prefix("--") else {
                return Err(Mistake::new(format!("arg should start with -- : {flag}")));
            };
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, None),
            };
            let Some(&(name, takes)) = known.iter().find(|(known, _)| *known == name) else {
                let names = known.iter().map(|(name, _)| *name);
                return Err(Mistake::new(format!("unknown flag: --{name}")).suggesting(name, names));
            };
            if takes != Takes::Values && values.contains_key(name) {
                return Err(Mistake::new(format!("duplicate flag specified: --{name}")));
            }
            let missing = || Mistake::new(format!("missing a value on flag: --{name}"));
            let value = match (takes, value) {
                (Takes::Switch, None) => "true".to_owned(),
                (Takes::Switch, Some("")) | (Takes::Value | Takes::Values, None) => {
                    return Err(missing());
                }
                (Takes::Switch, Some(value)) => match value.to_lowercase().as_str() {
                    word @ ("true" | "false") => word.to_owned(),
                    _ => {
                        return Err(Mistake::new(format!(
                            "expecting boolean value for flag --{name}, not: {value}"
                        )));
                    }
                },
                (Takes::Value | Takes::Values, Some(value)) => value.to_owned(),
            };
            values.entry(name).or_default().push(value);
        }
        Ok(Self { values })
    }

    /// Returns a value; empty if the flag is not there.
    pub(super) fn value(&self, name: &str) -> String {
        self.values(name).into_iter().next().unwrap_or_default()
    }

    /// Returns a value, or the default if the flag is not there.
    pub(super) fn value_or(&self, name: &str, default: &str) -> String {
        let value = self.values.get(name).and_then(|values| values.first());
        value.map_or(default, String::as_str).to_owned()
    }

    pub(super) fn values(&self, name: &str) -> Vec<String> {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// Returns what a switch says, if it is there.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        let values = self.values.get(name)?;
        Some(values.first().is_some_and(|value| value == "true"))
    }
}
