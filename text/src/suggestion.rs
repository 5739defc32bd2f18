//! Which name was probably meant.

use std::borrow::Cow;

/// How long a name may be, in characters: a file with thousands of mistakes and thousands of names would keep its reader
/// waiting.
const LONGEST: usize = 64;
/// How many names one is compared with, for the same reason.
pub const CANDIDATES: usize = 200;

/// Tells whether two names differ by no more than one slip of the keyboard.
pub fn is_one_slip(written: &str, meant: &str) -> bool {
    strsim::osa_distance(written, meant) < 2
}

/// Returns the candidate that is closest to what was written, if one is close enough to be a slip of the keyboard.
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

/// What was written, with what comparing it with names takes.
struct Written<'a> {
    plain: Cow<'a, str>,
    /// How many characters it has.
    length: usize,
    letters: u64,
    /// How many slips a name may be away.
    allowed: usize,
}

impl<'a> Written<'a> {
    /// Takes what was written; `None` if it is too long to be compared.
    fn new(written: &'a str) -> Option<Self> {
        if written.len() > LONGEST {
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

    /// Counts the slips to a name; `None` if there are too many.
    fn distance(&self, name: &str) -> Option<usize> {
        // Most are told apart without looking at every pair of their letters.
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

/// Returns the candidate that was meant where what was written may be right: one letter is wrong, of long names two.
pub fn slip<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if written.chars().count() < 8 { 1 } else { 2 };
    let candidate = closest(written, candidates)?;
    (strsim::osa_distance(&plain(written), &plain(candidate)) <= allowed).then_some(candidate)
}

/// How many names a message lists.
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

/// Returns a name without what slips are made in most: capitals, and the two lines between words.
fn plain(name: &str) -> Cow<'_, str> {
    if name.contains(|letter: char| letter == '_' || letter.is_uppercase()) {
        Cow::Owned(name.to_lowercase().replace('_', "-"))
    } else {
        Cow::Borrowed(name)
    }
}

/// Returns a set of the letters of a name: one bit for each, some of which share theirs.
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
