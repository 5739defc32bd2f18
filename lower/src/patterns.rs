//! Patterns of `include` and `exclude`, as BuildKit applies them: to what lies in the directory that is copied.
//!
//! `exclude` counts from inside of what is named, and from the directory that it lies in, so that it can leave out what a
//! list or a pattern names. BuildKit knows one directory only; here the patterns are written for that one.

use std::collections::BTreeSet;

use stagefile_text::glob;

/// Tells whether patterns make exceptions of others.
pub(super) fn have_exceptions(patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| pattern.starts_with('!'))
}

/// Writes patterns that are seen from above a path for what lies in it, beside the patterns themselves; `None` if they
/// leave out the path and everything in it.
pub(super) fn inside(patterns: &[String], path: &str) -> Option<Vec<String>> {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let mut written = Vec::with_capacity(patterns.len());
    let mut excluded = false;
    for pattern in patterns {
        written.push(pattern.clone());
        let (sign, seen) = parts(pattern);
        for rest in rests(seen, &names) {
            if rest.is_empty() {
                excluded = sign.is_empty();
                // All that lies in it, but not the path itself, which BuildKit sees as an empty name.
                written.push(format!("{sign}?*"));
            } else {
                written.push(format!("{sign}{rest}"));
            }
        }
    }
    let exceptions = have_exceptions(patterns);
    (!excluded || exceptions).then_some(written)
}

/// Writes patterns for the directory that matches of another pattern lie in, as seen from there and from inside of them.
pub(super) fn beside(patterns: &[String], matched: &str) -> Vec<String> {
    let both = patterns.iter().flat_map(|pattern| {
        let (sign, seen) = parts(pattern);
        [pattern.clone(), format!("{sign}{matched}/{seen}")]
    });
    both.collect()
}

/// Says by patterns of what is left out that only some is copied.
///
/// A link to a directory is to BuildKit's cache an empty name in it. What is included has to match, so the content of a link
/// would not count; what is left out leaves the empty name. A directory that is left out once more, after an exception,
/// has to say so of what lies in it, too.
pub(super) fn all_but<'a>(
    include: impl IntoIterator<Item = impl AsRef<str>>,
    exclude: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let include = include.into_iter();
    let kept = include.map(|pattern| format!("!{}", pattern.as_ref()));
    let all = std::iter::once("?*".to_owned());
    let exclude = exclude.into_iter();
    let exclude = exclude.flat_map(|pattern| [pattern.clone(), format!("{pattern}/**")]);
    all.chain(kept).chain(exclude).collect()
}

/// Takes the sign of an exception off a pattern.
fn parts(pattern: &str) -> (&str, &str) {
    match pattern.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", pattern),
    }
}

/// Lists what is left of a pattern once directories have matched how it begins; an empty string where it matches one of them.
fn rests(pattern: &str, directories: &[&str]) -> BTreeSet<String> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let mut places = BTreeSet::from([0]);
    let mut whole = false;
    for directory in directories {
        // `**` stands for no directory, too.
        for place in places.clone() {
            let depths = parts[place..].iter().take_while(|part| **part == "**");
            places.extend((place + 1..).take(depths.count()));
        }
        let mut next = BTreeSet::new();
        for place in places {
            match parts.get(place) {
                None => whole = true,
                Some(&"**") => {
                    whole |= place + 1 == parts.len();
                    next.insert(place);
                }
                Some(part) if glob::matches(part, directory) => _ = next.insert(place + 1),
                Some(_) => {}
            }
        }
        places = next;
    }
    let rest = |place: usize| parts[place..].join("/");
    let mut rests: BTreeSet<String> = places.into_iter().map(rest).collect();
    if whole {
        rests.insert(String::new());
    }
    // The pattern itself counts anyway.
    rests.remove(pattern);
    rests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn patterns_seen_from_above_count_inside() {
        for (patterns, path, expected) in [
            (&["vendor"][..], "/src", Some(&["vendor"][..])),
            (&["src/vendor"], "/src", Some(&["src/vendor", "vendor"])),
            (&["*/vendor"], "/src", Some(&["*/vendor", "vendor"])),
            (&["**/*.md"], "/src", Some(&["**/*.md"])),
            (&["**/src/x"], "/src", Some(&["**/src/x", "x"])),
            (&["*.key"], "/b.key", None),
            (&["**/*.key"], "/b.key", None),
            (&["**"], "/b", None),
            (&["other/x"], "/src", Some(&["other/x"])),
            (&["a/b/x"], "/a/b", Some(&["a/b/x", "x"])),
            (&["a"], "/a/b", None),
            (
                &["src", "!src/keep"],
                "/src",
                Some(&["src", "?*", "!src/keep", "!keep"]),
            ),
        ] {
            assert_eq!(
                inside(&strings(patterns), path),
                expected.map(strings),
                "{patterns:?} {path}"
            );
        }
    }

    #[test]
    fn patterns_of_what_a_pattern_matches_count_inside_of_it_too() {
        assert_eq!(
            beside(&strings(&[".env", "!a/b"]), "*"),
            [".env", "*/.env", "!a/b", "!*/a/b"]
        );
        assert_eq!(
            all_but(["*.c"], &strings(&["x.c"])),
            ["?*", "!*.c", "x.c", "x.c/**"]
        );
    }

    #[test]
    fn many_depths_take_no_time() {
        let pattern = "**/a/".repeat(200) + "b";
        let path = "/a".repeat(200);
        assert!(inside(&[pattern], &path).is_some());
    }
}
