//! Flags of instructions.

use std::borrow::Cow;

use crate::mistake::Mistake;
use crate::text::Text;

/// The kind of value that a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// `true` or `false`; `true` without a value.
    Switch,
    /// A single value.
    Value,
    /// A value for each occurrence.
    Values,
}

/// The flags of an instruction.
#[derive(Default)]
pub(super) struct Flags {
    values: Vec<(&'static str, Text)>,
}

impl Flags {
    /// Parses flags, given the known ones.
    pub(super) fn read(flags: &[Text], known: &[(&'static str, Takes)]) -> Result<Self, Mistake> {
        let mut values: Vec<(&'static str, Text)> = Vec::new();
        for flag in flags {
            if *flag == "--" {
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
            if takes != Takes::Values && values.iter().any(|(known, _)| *known == name) {
                return Err(Mistake::new(format!("duplicate flag specified: --{name}")));
            }
            let missing = || Mistake::new(format!("missing a value on flag: --{name}"));
            let value = match (takes, value) {
                (Takes::Switch, None) => "true".into(),
                (Takes::Switch, Some("")) | (Takes::Value | Takes::Values, None) => {
                    return Err(missing());
                }
                (Takes::Switch, Some(value)) => match value.to_lowercase().as_str() {
                    word @ ("true" | "false") => word.into(),
                    _ => {
                        return Err(Mistake::new(format!(
                            "expecting boolean value for flag --{name}, not: {value}"
                        )));
                    }
                },
                (Takes::Value | Takes::Values, Some(value)) => flag.part(value),
            };
            values.push((name, value));
        }
        Ok(Self { values })
    }

    /// Removes and returns a value; empty if the flag is missing.
    pub(super) fn value(&mut self, name: &str) -> Text {
        self.take(name).unwrap_or_default()
    }

    /// Removes and returns a value, or returns the default if the flag is missing.
    pub(super) fn value_or(&mut self, name: &str, default: &'static str) -> Cow<'static, str> {
        self.take(name)
            .map_or(Cow::Borrowed(default), |value| Cow::Owned(value.into()))
    }

    /// Removes and returns all values.
    pub(super) fn values(&mut self, name: &str) -> Vec<Text> {
        let found = self.values.extract_if(.., |(known, _)| *known == name);
        found.map(|(_, value)| value).collect()
    }

    /// Returns the value of a switch, if it is present.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        let (_, value) = self.values.iter().find(|(known, _)| *known == name)?;
        Some(*value == "true")
    }

    fn take(&mut self, name: &str) -> Option<Text> {
        let place = self.values.iter().position(|(known, _)| *known == name)?;
        Some(self.values.remove(place).1)
    }
}
