//! Suggestions for mistyped names.

use std::borrow::Cow;

/// The maximum length of a name, in characters: a file with thousands of mistakes and thousands of names would take too
/// long otherwise.
const MAX_LENGTH: usize = 64;
/// The maximum number of names that one is compared with, for the same reason.
pub const CANDIDATES: usize = 200;

/// Reports whether two names differ by at most one typo.
pub fn is_one_slip(written: &str, meant: &str) -> bool {
    strsim::osa_distance(written, meant) < 2
}

/// Returns the candidate that is closest to what was written, if it is close enough to be a typo.
pub fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = Written::new(written)?;
    candidates
        .into_iter()
        .take(CANDIDATES)
        .filter_map(|candidate| Some((written.distance(candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The written name, prepared for comparisons.
struct Written<'a> {
    plain: Cow<'a, str>,
    /// The length in characters.
    length: usize,
    letters: u64,
    /// The maximum number of typos.
    allowed: usize,
}

impl<'a> Written<'a> {
    /// Prepares a written name; `None` if it is too long to be compared.
    fn new(written: &'a str) -> Option<Self> {
        if written.len() > MAX_LENGTH {
            return None;
        }
        let plain = plain(written);
        let length = plain.chars().count();
        let allowed = match length {
            0..=2 => 1,
            3..=5 => 2,
            length => 1 + length / 4,
        };
        let letters = letters(&plain);
        Some(Self {
            plain,
            length,
            letters,
            allowed,
        })
    }

    /// Counts the typos compared with a name; `None` if there are too many.
    fn distance(&self, name: &str) -> Option<usize> {
        // Most names are ruled out without comparing their letters.
        if name.len() > 4 * (self.length + self.allowed) {
            return None;
        }
        let other = plain(name);
        let other_length = other.chars().count();
        let theirs = letters(&other);
        let apart = (self.letters & !theirs)
            .count_ones()
            .max((theirs & !self.letters).count_ones());
        if other_length.abs_diff(self.length) > self.allowed || apart as usize > self.allowed {
            return None;
        }
        let distance = strsim::osa_distance(&self.plain, &other);
        (distance <= self.allowed && distance < other_length).then_some(distance)
    }
}

/// Returns the candidate that was probably meant if what was written may also be right: it differs by one letter, or two
/// in long names.
pub fn slip<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if written.chars().count() < 8 { 1 } else { 2 };
    let candidate = closest(written, candidates)?;
    (strsim::osa_distance(&plain(written), &plain(candidate)) <= allowed).then_some(candidate)
}

/// The maximum number of names listed in a message.
const LISTED: usize = 40;

/// Lists names for a message: the first ones if there are many.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut shown: Vec<&str> = names.by_ref().take(LISTED).collect();
    if names.next().is_some() {
        shown.push("…");
    }
    shown.join(", ")
}

/// Returns a name without the most common differences: capitals, and the separators `-` and `_`.
fn plain(name: &str) -> Cow<'_, str> {
    if name.contains(|letter: char| letter == '_' || letter.is_uppercase()) {
        Cow::Owned(name.to_lowercase().replace('_', "-"))
    } else {
        Cow::Borrowed(name)
    }
}

/// Returns the set of letters in a name: one bit for each, some of them shared.
fn letters(name: &str) -> u64 {
    name.chars()
        .fold(0, |set, letter| set | 1 << (u32::from(letter) % 64))
}

#[cfg(test)]
mod tests {
    use super::{closest, slip};

    #[test]
    fn what_may_be_right_is_no_slip() {
        let stages = ["build", "alone", "assets", "integration"];
        for (written, expected) in [
            ("buidl", Some("build")),
            ("biuld", Some("build")),
            ("buildd", Some("build")),
            ("alpine", None),
            ("bulls", None),
            ("asset", Some("assets")),
            ("intergation", Some("integration")),
        ] {
            assert_eq!(slip(written, stages), expected, "{written}");
        }
    }

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
