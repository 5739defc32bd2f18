//! Which name was probably meant.

/// Returns the candidate that is closest to what was written, if one is close enough to be a slip of the keyboard.
pub(crate) fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase().replace('_', "-");
    let allowed = match written.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        length => 1 + length / 4,
    };
    candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase().replace('_', "-");
            (strsim::damerau_levenshtein(&written, &other), candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= allowed && *distance < candidate.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        for (written, expected) in [
            ("stpes", Some("steps")),
            ("work_dir", Some("workdir")),
            ("Workdir", Some("workdir")),
            ("entry-point", Some("entrypoint")),
            ("xyz", None),
            ("", None),
        ] {
            assert_eq!(
                closest(written, ["steps", "workdir", "entrypoint"]),
                expected,
                "{written}"
            );
        }
    }
}
