//! The standard library. A program reads only the parts that it uses: reading all of it takes longer than reading most files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// The name of the standard library, which needs no import.
pub const STD: &str = "std";

/// The standard library, written in the language.
///
/// The part for each language is in a separate file, which continues the previous one.
pub const STD_TEXT: &str = concat!(
    include_str!("../std/system.yaml"),
    include_str!("../std/go.yaml"),
    include_str!("../std/rust.yaml"),
    include_str!("../std/java.yaml"),
    include_str!("../std/node.yaml"),
    include_str!("../std/python.yaml"),
);

/// The part after the library's name for a project's generated file.
const OF_PROJECTS: &str = "app";

/// The maximum number of characters of a line that are searched after `use`.
const MAX_USE_LENGTH: usize = 200;

/// Names of templates.
pub(super) type Names = BTreeSet<&'static str>;

/// The position of each template in the text.
static TEMPLATES: LazyLock<BTreeMap<&str, Range<usize>>> = LazyLock::new(|| {
    let (mut templates, mut open, mut at) = (BTreeMap::new(), None, 0);
    let mut is_among_them = false;
    for line in STD_TEXT.split_inclusive('\n') {
        let is_key = |indent: usize| line.len() > indent && line[indent..].starts_with(is_of_name);
        if is_key(0) || line.starts_with("  ") && is_key(2) {
            templates.extend(open.take().map(|(name, start)| (name, start..at)));
            if is_key(0) {
                is_among_them = line.starts_with("templates:");
            } else if is_among_them {
                open = Some((name_at(&line[2..]), at));
            }
        }
        at += line.len();
    }
    templates.extend(open.map(|(name, start)| (name, start..at)));
    templates
});

/// Returns the templates that texts may use, and those that these use. If that can't be determined from a text, or is a mistake,
/// all of them.
pub(super) fn used_in<'t>(texts: impl Iterator<Item = &'t str>) -> Names {
    let templates = &*TEMPLATES;
    let all = || templates.keys().copied().collect();
    let (mut open, mut is_made_somewhere) = (Vec::new(), false);
    for text in texts {
        let named = text.match_indices("std.");
        for name in named.map(|(at, prefix)| name_at(&text[at + prefix.len()..])) {
            match templates.get_key_value(name) {
                Some((name, _)) => open.push(*name),
                None if name == OF_PROJECTS => {}
                None => return all(),
            }
        }
        is_made_somewhere |= uses(text).any(is_made);
    }
    // A name that is computed by an expression may come from elsewhere, including a build argument of the client.
    if is_made_somewhere && !open.is_empty() {
        return all();
    }
    let mut names = Names::new();
    while let Some(name) = open.pop() {
        let Some(range) = templates.get(name) else {
            continue;
        };
        if names.insert(name) {
            let text = &STD_TEXT[range.clone()];
            open.extend(uses(text).map(name_at));
            if uses(text).any(is_made) {
                // The values of an input.
                open.extend(text.split(|c| !is_of_name(c)));
            }
        }
    }
    names
}

/// Finds the values of all keys `use`: the rest of their lines, or nothing for a long line, so that a line with many of them
/// takes no longer.
fn uses(text: &str) -> impl Iterator<Item = &str> {
    let keys = text.match_indices("use");
    keys.filter_map(|(at, key)| {
        let rest = &text[at + key.len()..];
        let end = rest.char_indices().nth(MAX_USE_LENGTH);
        let near = end.map_or(rest, |(end, _)| &rest[..end]);
        let value = near.strip_prefix(['"', '\'']).unwrap_or(near);
        let value = value.trim_start().strip_prefix(':')?.trim_start();
        match value.split_once('\n') {
            Some((line, _)) => Some(line),
            None if end.is_some() => Some(""),
            None => Some(value),
        }
    })
}

/// Reports whether a value isn't the name of a template itself.
fn is_made(value: &str) -> bool {
    let name = value.strip_prefix(['"', '\'']).unwrap_or(value);
    !name.starts_with(is_of_name) || value.contains("${{")
}

/// Returns the text with the lines of other templates replaced by `#`, so that positions don't change.
pub(super) fn text_of(names: &Names) -> String {
    let mut templates: Vec<_> = TEMPLATES.iter().collect();
    templates.sort_by_key(|(_, range)| range.start);
    let (mut text, mut at) = (String::new(), 0);
    for (name, range) in templates {
        if !names.contains(name) {
            text.push_str(&STD_TEXT[at..range.start]);
            let lines = STD_TEXT[range.clone()].lines();
            text.extend(lines.map(|_| "#\n"));
            at = range.end;
        }
    }
    text.push_str(&STD_TEXT[at..]);
    text
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// Returns the name at the beginning of a text.
fn name_at(text: &str) -> &str {
    &text[..text.find(|c| !is_of_name(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::expression::Language;
    use crate::source::Source;
    use crate::syntax::{self, File};

    fn read(text: &str) -> File {
        let mut found = Diagnostics::default();
        let file = syntax::read(&Source::new(STD, text), &Language::default(), &mut found);
        assert!(found.into_found().is_empty());
        file.expect("the library")
    }

    /// Formats a template without its positions in the text.
    fn shown(template: &(syntax::Name, syntax::Template)) -> String {
        let text = format!("{template:?}");
        let mut parts = text.split("Span { start: ");
        let first = parts.next().unwrap_or_default().to_owned();
        first
            + &parts
                .map(|part| &part[part.find('}').unwrap_or(0)..])
                .collect::<String>()
    }

    #[test]
    fn what_is_read_of_the_library_is_as_in_the_whole() {
        let whole = read(STD_TEXT);
        let all: Names = TEMPLATES.keys().copied().collect();
        let written = whole.templates.iter();
        let written: BTreeSet<&str> = written.map(|(name, _)| name.value.as_str()).collect();
        assert_eq!(all, written);
        let mut used = 0;
        for name in &all {
            let names = used_in([format!("use: std.{name} #").as_str()].into_iter());
            assert!(
                names.contains(name) && names.len() < all.len() / 2,
                "{name}"
            );
            let text = text_of(&names);
            assert_eq!(text.lines().count(), STD_TEXT.lines().count());
            let mut lines = STD_TEXT.lines().zip(text.lines());
            assert!(
                lines.all(|(line, left)| line == left || left == "#"),
                "{name}"
            );
            let part = read(&text);
            assert_eq!(part.caches.len(), whole.caches.len());
            let read: Vec<_> = part.templates.iter().map(shown).collect();
            let expected = whole.templates.iter();
            let expected = expected.filter(|(name, _)| names.contains(name.value.as_str()));
            assert_eq!(read, expected.map(shown).collect::<Vec<_>>(), "{name}");
            // What they use is included.
            for (other, _) in &whole.templates {
                let other = other.value.as_str();
                let use_of_it = format!("template: Text {{ scalar: Scalar {{ text: {other:?},");
                if read.iter().any(|one| one.contains(&use_of_it)) {
                    assert!(names.contains(other), "{name} uses {other}");
                    used += 1;
                }
            }
        }
        assert!(used > 20, "{used} uses");
    }

    #[test]
    fn all_is_read_where_a_name_is_unknown() {
        let count = |text| used_in([text].into_iter()).len();
        assert_eq!(count("use: std.apt"), 1);
        assert_eq!(count("use: std.atp"), TEMPLATES.len());
        assert_eq!(count("run: . lib/std.sh"), TEMPLATES.len());
        assert_eq!(count("use: std."), TEMPLATES.len());
        assert_eq!(count("use: std.app"), 0);
    }

    #[test]
    fn all_is_read_where_an_expression_makes_a_name() {
        for made in [
            "use: ${{ args.T }}",
            "{ use: '${{ args.T }}' }",
            "\"use\" : \"${{ args.T }}\"",
            "use: s${{ args.T }}",
            "use: >-\n  ${{ args.T }}",
            "use: *name",
            "use:\n  ${{ args.T }}",
        ] {
            let text = format!("default: std.go\n{made}\n");
            assert_eq!(
                used_in([text.as_str()].into_iter()).len(),
                TEMPLATES.len(),
                "{made}"
            );
            assert!(used_in([made].into_iter()).is_empty());
        }
        let names = used_in(["use: std.node-image"].into_iter());
        assert!(
            ["npm", "pnpm", "yarn"]
                .iter()
                .all(|name| names.contains(name))
        );
    }

    #[test]
    fn a_line_of_many_keys_takes_no_longer() {
        let text = format!("std.go {}", "use:".repeat(250_000));
        assert_eq!(used_in([text.as_str()].into_iter()).len(), TEMPLATES.len());
    }
}
