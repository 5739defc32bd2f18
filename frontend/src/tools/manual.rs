//! What is made of the manual: the tables of keys, presets and the standard library, the contents, and the index.
//!
//! A line `<!-- tables: NAME … -->`, `<!-- std: NAME … -->`, `<!-- presets -->`, `<!-- contents -->`, `<!-- limits -->` or
//! `<!-- index -->` of the manual is followed by what it stands for, up to the next paragraph or heading.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::library;
use crate::bounds;
use crate::plan::preset::{self, Preset};
use crate::plan::{Reach, Sharing, Target};
use crate::syntax::keys::{ORIGIN, Presence, STEP, Shape, TABLES, Table};

/// Lists the tables that a manual should have.
pub fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

/// Writes a manual again with its tables as they should be.
pub fn update(manual: &str) -> String {
    let mut updated = String::new();
    let mut lines = manual.lines().peekable();
    while let Some(line) = lines.next() {
        updated.push_str(line);
        updated.push('\n');
        let Some(made) = made_for(line, manual) else {
            continue;
        };
        // What was made before goes: tables with the headings and empty lines between them, and lists.
        let was_made =
            |line: &str| line.is_empty() || line.starts_with(['|', '*']) || line.starts_with("  *");
        while lines.peek().is_some_and(|next| was_made(next)) {
            lines.next();
        }
        updated.push('\n');
        updated.push_str(&made);
        if lines.peek().is_some() {
            updated.push('\n');
        }
    }
    updated
}

/// Makes what stands behind a line of the manual.
fn made_for(line: &str, manual: &str) -> Option<String> {
    let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    match comment {
        "presets" => return Some(presets()),
        "contents" => return Some(contents(manual)),
        "index" => return Some(index()),
        "limits" => return Some(limits()),
        _ => {}
    }
    if let Some(names) = comment.strip_prefix("std: ") {
        return Some(library::reference(names));
    }
    let names = comment.strip_prefix("tables: ")?;
    let tables = names
        .split(' ')
        .filter_map(|name| TABLES.iter().find(|(other, _)| *other == name));
    let tables: Vec<String> = tables.map(|(_, table)| table_of(table)).collect();
    Some(tables.join("\n"))
}

/// Lists the headings, with links.
fn contents(manual: &str) -> String {
    let mut text = String::new();
    let mut code = false;
    for line in manual.lines() {
        code ^= line.starts_with("```");
        let (indent, heading) = match (line.strip_prefix("## "), line.strip_prefix("### ")) {
            (Some(heading), _) if !code => ("", heading),
            (_, Some(heading)) if !code => ("  ", heading),
            _ => continue,
        };
        if heading != "Contents" {
            _ = writeln!(text, "{indent}* [{heading}](#{})", anchor(heading));
        }
    }
    text
}

/// Returns the address that GitHub gives to a heading.
pub fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    let letters = heading.chars().filter(kept);
    letters.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Lists all keys, with links to the tables that have them.
fn index() -> String {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (_, table) in TABLES {
        // Each kind of step and of `from` has a table of its own, which says more.
        if [STEP.place, ORIGIN.place].contains(&table.place) {
            continue;
        }
        let link = format!("[{}](#{})", noun(table), table.slug());
        for key in table.keys {
            places.entry(key.name).or_default().push(link.clone());
        }
    }
    let mut text = "| key | of |\n|---|---|\n".to_owned();
    for (key, places) in places {
        _ = writeln!(text, "| `{key}` | {} |", places.join(", "));
    }
    text
}

fn table_of(table: &Table) -> String {
    let mut text = format!(
        "**<a id=\"{}\"></a>{}**\n\n| key | type | default | meaning, and an example |\n|---|---|---|---|\n",
        table.slug(),
        capitalised(table.place)
    );
    for key in table.keys {
        let default = match key.presence {
            Presence::Required => "*required*",
            Presence::OneOf => "*one of these*",
            Presence::Optional if key.default.is_empty() => "none",
            Presence::Optional => key.default,
        };
        let cells = [
            format!("`{}`", key.name),
            shape(key.shape, Number::One),
            default.to_owned(),
            format!("{}<br>`{}: {}`", key.meaning, key.name, key.example),
        ];
        // Unmarked, a bar would end the cell, also in code.
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Whether one value is spoken of, or a list's.
#[derive(Clone, Copy)]
enum Number {
    One,
    Several,
}

fn shape(shape: Shape, number: Number) -> String {
    let word = |word: &str| match number {
        Number::One => word.to_owned(),
        Number::Several => format!("{word}s"),
    };
    match shape {
        Shape::Text => word("text"),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Word(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Form(form) => word(form.name),
        Shape::Texts => "text or list".to_owned(),
        Shape::TextMap => "`NAME: text`, or a list of `NAME=text`".to_owned(),
        Shape::Data => "anything".to_owned(),
        // Each kind of step has a table; the part of the manual has them all.
        Shape::Record(table) if table.place == STEP.place => format!("[{}](#steps)", word("step")),
        Shape::Record(table) => format!("[{}](#{})", word(noun(table)), table.slug()),
        Shape::Named(inner) => format!("`NAME:` {}", self::shape(*inner, Number::One)),
        Shape::List(inner) => {
            let inner = match *inner {
                Shape::OneOrMore(inner) => {
                    format!("lists of {}", self::shape(*inner, Number::Several))
                }
                inner => self::shape(inner, Number::Several),
            };
            format!("{} of {inner}", word("list"))
        }
        Shape::OneOrMore(inner) => format!("{}, one or a list", self::shape(*inner, number)),
        Shape::Either(short, long) => {
            let choice = |shape: &'static Shape| self::shape(*shape, number);
            format!("{} or {}", choice(short), choice(long))
        }
    }
}

/// Returns what a table's mapping is called behind "a list of".
fn noun(table: &Table) -> &'static str {
    table
        .place
        .trim_start_matches("a ")
        .trim_start_matches("an ")
}

/// Lists how large a file may be.
fn limits() -> String {
    let mut text = "| what | at most | beyond it |\n|---|---:|---|\n".to_owned();
    for bound in bounds::ALL {
        let beyond = match bound.code {
            "" => "the others are counted".to_owned(),
            code => format!("[`{code}`](diagnostics.md#{code})"),
        };
        let limit = grouped(bound.limit);
        let limit = format!("{limit} {}", bound.unit);
        _ = writeln!(text, "| {} | {} | {beyond} |", bound.what, limit.trim_end());
    }
    text
}

/// Writes a number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn presets() -> String {
    let mut text =
        "| preset | directories | sharing | shared by | variables |\n|---|---|---|---|---|\n"
            .to_owned();
    for preset in preset::ALL {
        let variables: Vec<String> = preset
            .env
            .iter()
            .map(|(name, value)| format!("`{name}={value}`"))
            .collect();
        _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            preset.name,
            directories(preset),
            sharing(preset),
            reach(preset),
            variables.join(", ")
        );
    }
    text
}

fn directories(preset: &Preset) -> String {
    let place = |target| match target {
        Target::Path(path) => format!("`{path}`"),
        Target::Home {
            variable: "",
            directory,
            path,
        } => format!("`~/{directory}/{path}`"),
        Target::Home {
            variable,
            directory,
            path,
        } => format!("`{path}` of `${variable}`, or of `~/{directory}`"),
    };
    let places = preset
        .directories
        .iter()
        .map(|directory| place(directory.target.target()));
    places.collect::<Vec<_>>().join(", ")
}

fn reach(preset: &Preset) -> String {
    let words = preset
        .directories
        .iter()
        .map(|directory| match directory.reach {
            Reach::Daemon => "the daemon",
            Reach::Project => "the project",
        });
    let mut words: Vec<&str> = words.collect();
    words.dedup();
    words.join(", ")
}

fn sharing(preset: &Preset) -> &'static str {
    match preset
        .directories
        .first()
        .map(|directory| directory.sharing)
    {
        Some(Sharing::Locked) => "locked",
        Some(Sharing::Private) => "private",
        _ => "shared",
    }
}
