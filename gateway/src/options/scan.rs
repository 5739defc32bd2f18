//! The scope of an SBOM.

use super::value;

/// Which of several things an SBOM covers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SbomScan {
    /// None of them.
    Nothing,
    /// All of them.
    All,
    /// Those with these names.
    Named(Vec<String>),
}

impl From<&str> for SbomScan {
    /// Parses a boolean or a list of names.
    fn from(value: &str) -> Self {
        match value::boolean(value) {
            Ok(true) => Self::All,
            Ok(false) => Self::Nothing,
            Err(_) => Self::Named(
                value
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect(),
            ),
        }
    }
}

impl SbomScan {
    /// Reports whether the one with this name is covered.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Named(names) => names.iter().any(|named| named.eq_ignore_ascii_case(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_is_named() {
        let cases = [
            ("true", "a", true),
            ("0", "a", false),
            ("a, B", "b", true),
            ("a", "b", false),
        ];
        for (value, name, expected) in cases {
            assert_eq!(SbomScan::from(value).covers(name), expected, "{value}");
        }
    }
}
