//! The source date epoch of a build.

/// The time that a build uses for timestamps (`SOURCE_DATE_EPOCH`), so that its result is
/// reproducible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Epoch {
    /// The option isn't set.
    #[default]
    Absent,
    /// The option is set to none, which overrides a default of the frontend's file.
    Unset,
    /// Seconds since 1970.
    Seconds(i64),
    /// The time of the build context: of its commit, or of its newest file.
    Context,
    /// The time of the named context, or of the source of the stage, with this name.
    Named(String),
}

impl Epoch {
    /// Parses `SOURCE_DATE_EPOCH`, from the client or from a frontend's file.
    pub fn parse(value: Option<&str>) -> Self {
        match value {
            None => Self::Absent,
            Some("") => Self::Unset,
            Some("context") => Self::Context,
            Some(text) => match text.parse() {
                Ok(seconds) => Self::Seconds(seconds),
                Err(_) => Self::Named(text.to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let cases = [
            (None, Epoch::Absent),
            (Some(""), Epoch::Unset),
            (Some("0"), Epoch::Seconds(0)),
            (Some("1700000000"), Epoch::Seconds(1_700_000_000)),
            (Some("context"), Epoch::Context),
            (Some("src"), Epoch::Named("src".to_owned())),
        ];
        for (value, expected) in cases {
            assert_eq!(Epoch::parse(value), expected);
        }
    }
}
