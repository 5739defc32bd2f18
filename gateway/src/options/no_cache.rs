//! The option that disables the cache.

use std::collections::BTreeSet;

/// What is built without using the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoCache {
    /// Nothing.
    #[default]
    Nothing,
    /// Everything.
    All,
    /// The stages with these names, in lower case.
    Stages(BTreeSet<String>),
}

impl NoCache {
    /// Parses the option. An empty value means everything.
    pub(super) fn parse(value: Option<&str>) -> Self {
        match value {
            None => Self::Nothing,
            Some("") => Self::All,
            Some(list) => Self::Stages(list.split(',').map(str::to_lowercase).collect()),
        }
    }

    /// Reports whether a stage is built without using the cache. Names are case-insensitive.
    pub fn applies_to(&self, stage: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Stages(stages) => stages.contains(&stage.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn present_but_empty_means_everything() {
        let cases = [
            (None, "app", false),
            (Some(""), "app", true),
            (Some("App,test"), "aPP", true),
            (Some("app"), "test", false),
        ];
        for (value, stage, expected) in cases {
            assert_eq!(
                NoCache::parse(value).applies_to(stage),
                expected,
                "{value:?} {stage}"
            );
        }
    }
}
