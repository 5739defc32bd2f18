//! `include` and `exclude` patterns, which BuildKit applies to the content of the directory that is copied.
//!
//! `exclude` is relative to the named path, or to the directory that contains it, so that it can exclude parts of a list or
//! of a pattern's matches. BuildKit only knows a single directory; the patterns are rewritten here for that directory.

use std::collections::BTreeSet;

use stagefile_text::glob;

/// Reports whether any pattern is an exception.
pub(super) fn have_exceptions(patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| pattern.starts_with('!'))
}

/// Rewrites patterns that are relative to a parent directory for the content of a path, and keeps the original ones; `None`
/// if they exclude the path and everything in it.
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
                // Everything inside, but not the path itself, which BuildKit sees as an empty name.
                written.push(format!("{sign}?*"));
            } else {
                written.push(format!("{sign}{rest}"));
            }
        }
    }
    let exceptions = have_exceptions(patterns);
    (!excluded || exceptions).then_some(written)
}

/// Rewrites patterns for the directory that contains the matches of another pattern, relative to that directory and to the
/// matches.
pub(super) fn beside(patterns: &[String], matched: &str) -> Vec<String> {
    let both = patterns.iter().flat_map(|pattern| {
        let (sign, seen) = parts(pattern);
        [pattern.clone(), format!("{sign}{matched}/{seen}")]
    });
    both.collect()
}

/// Expresses the inclusion of only some files by exclusion patterns.
///
/// In BuildKit's cache, a link to a directory is an empty name in it. Included names have to match, so the content of a link
/// wouldn't count; exclusions keep the empty name. A directory that is excluded again, after an exception, needs a pattern
/// for its content, too.
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

/// Splits the sign of an exception from a pattern.
fn parts(pattern: &str) -> (&str, &str) {
    match pattern.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", pattern),
    }
}

/// Returns the rests of a pattern after directories have matched its beginning; an empty string if the pattern matches one of
/// them.
fn rests(pattern: &str, directories: &[&str]) -> BTreeSet<String> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let mut places = BTreeSet::from([0]);
    let mut whole = false;
    for directory in directories {
        // `**` also matches no directory.
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
