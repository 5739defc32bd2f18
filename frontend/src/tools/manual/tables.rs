//! The tables of keys, and the index of all keys.

use std::collections::BTreeMap;
use std::fmt::Write;

use stagefile_language::syntax::keys::{
    DEFAULTS, Key, ORIGIN, Presence, STEP, STEP_OPTIONS, Shape, TABLES, Table,
};

use super::Links;

/// Tables whose rows are also part of other tables. They are printed once, and the others refer to
/// them.
static SHARED: [&Table; 2] = [&DEFAULTS, &STEP_OPTIONS];

/// Returns the table with a name in the manual.
pub(super) fn named(name: &str) -> Option<&'static Table> {
    let own = [("STEP", &STEP), ("STEP_OPTIONS", &STEP_OPTIONS)];
    let mut tables = TABLES.iter().chain(&own);
    let table = tables.find(|(other, _)| *other == name);
    table.map(|(_, table)| *table)
}

/// Returns the table in which a row of another one is printed.
fn printed_in(key: &Key, table: &Table) -> Option<&'static Table> {
    let has_it = |shared: &&Table| shared.place != table.place && shared.keys.contains(key);
    SHARED.into_iter().find(has_it)
}

/// Returns the index of all keys, with links to the tables that have them.
pub(super) fn index(links: &Links) -> String {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let tables = TABLES.iter().map(|(_, table)| *table);
    for table in tables.chain([&STEP_OPTIONS]) {
        // Each kind of `from` has its own table with more details.
        if table.place == ORIGIN.place {
            continue;
        }
        for key in table.keys {
            let printed = printed_in(key, table).unwrap_or(table);
            // All kinds of steps have these keys.
            if printed.place == STEP_OPTIONS.place && table.place != STEP_OPTIONS.place {
                continue;
            }
            let link = format!("[{}]({})", noun(table), links.to(&printed.slug()));
            places.entry(key.name).or_default().push(link);
        }
    }
    let mut text = "| key | of |\n|---|---|\n".to_owned();
    for (key, places) in places {
        _ = writeln!(text, "| `{key}` | {} |", places.join(", "));
    }
    text
}

/// Returns a table. Rows of a shared table are summarized in the last row.
pub(super) fn write(table: &Table, links: &Links) -> String {
    let mut text = format!(
        "**<a id=\"{}\"></a>{}**\n\n| key | type | default | meaning, and an example |\n|---|---|---|---|\n",
        table.slug(),
        capitalised(table.place)
    );
    let mut elsewhere: Vec<(&Table, Vec<String>)> = Vec::new();
    for key in table.keys {
        if let Some(shared) = printed_in(key, table) {
            let name = format!("`{}`", key.name);
            match elsewhere
                .iter_mut()
                .find(|(other, _)| other.place == shared.place)
            {
                Some((_, names)) => names.push(name),
                None => elsewhere.push((shared, vec![name])),
            }
            continue;
        }
        let default = match key.presence {
            Presence::Required => "*required*",
            Presence::OneOf => "*one of these*",
            Presence::Optional if key.default.is_empty() => "none",
            Presence::Optional => key.default,
        };
        let cells = [
            name(key, table, links),
            shape(key.shape, Number::One, links),
            default.to_owned(),
            format!("{}<br>`{}: {}`", key.meaning, key.name, key.example),
        ];
        // An unescaped bar would end the cell, even in code.
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    for (shared, names) in elsewhere {
        let link = format!("[{}]({})", noun(shared), links.to(&shared.slug()));
        _ = writeln!(text, "| {} | | | as in {link} |", names.join(", "));
    }
    text
}

/// Returns the name of a key; for an action or a kind of `from`, with a link to its own table.
fn name(key: &Key, table: &Table, links: &Links) -> String {
    let slug = match table.place {
        place if place == STEP.place => format!("{}-step", key.name),
        place if place == ORIGIN.place => format!("from-{}", key.name),
        _ => return format!("`{}`", key.name),
    };
    format!("[`{}`]({})", key.name, links.to(&slug))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Singular or plural.
#[derive(Clone, Copy)]
enum Number {
    One,
    Several,
}

fn shape(shape: Shape, number: Number, links: &Links) -> String {
    let word = |word: &str| match number {
        Number::One => word.to_owned(),
        Number::Several => format!("{word}s"),
    };
    match shape {
        Shape::Text => word("string"),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Word(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Form(form) => word(form.name),
        Shape::Texts => "string or list".to_owned(),
        Shape::TextMap => "`NAME: string`, or a list of `NAME=string`".to_owned(),
        Shape::Data => "anything".to_owned(),
        Shape::Record(table) => format!("[{}]({})", word(noun(table)), links.to(&table.slug())),
        Shape::Named(inner) => format!("`NAME:` {}", self::shape(*inner, Number::One, links)),
        Shape::List(inner) => {
            let inner = match *inner {
                Shape::OneOrMore(inner) => {
                    format!("lists of {}", self::shape(*inner, Number::Several, links))
                }
                inner => self::shape(inner, Number::Several, links),
            };
            format!("{} of {inner}", word("list"))
        }
        Shape::OneOrMore(inner) => format!("{}, one or a list", self::shape(*inner, number, links)),
        Shape::Either(short, long) => {
            let choice = |shape: &'static Shape| self::shape(*shape, number, links);
            format!("{} or {}", choice(short), choice(long))
        }
    }
}

/// Returns the noun for a table's mappings, for use after "a list of".
fn noun(table: &Table) -> &'static str {
    table
        .place
        .trim_start_matches("a ")
        .trim_start_matches("an ")
}
