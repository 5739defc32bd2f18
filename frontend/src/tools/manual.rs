//! The tables of the manual, made from the table of keys.
//!
//! A line `<!-- tables: NAME … -->` or `<!-- presets -->` of the manual is followed by what it stands for, up to the next empty
//! line behind a table.

use std::fmt::Write;

use crate::plan::preset::{self, Preset};
use crate::plan::{Reach, Sharing, Target};
use crate::syntax::keys::{Shape, TABLES, Table};

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
        let Some(made) = made_for(line) else { continue };
        // What was made before goes: tables with the headings and empty lines between them.
        while lines
            .peek()
            .is_some_and(|next| next.is_empty() || next.starts_with(['|', '*']))
        {
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
fn made_for(line: &str) -> Option<String> {
    let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    if comment == "presets" {
        return Some(presets());
    }
    let names = comment.strip_prefix("tables: ")?;
    let tables = names
        .split(' ')
        .filter_map(|name| TABLES.iter().find(|(other, _)| *other == name));
    let tables: Vec<String> = tables.map(|(_, table)| table_of(table)).collect();
    Some(tables.join("\n"))
}

fn table_of(table: &Table) -> String {
    let mut text = format!(
        "**{}**\n\n| key | value | meaning |\n|---|---|---|\n",
        capitalised(table.place)
    );
    for key in table.keys {
        // A name in braces would be taken for a column of its own only with a bar in it.
        let meaning = key.meaning.replace('|', "\\|");
        _ = writeln!(
            text,
            "| `{}` | {} | {meaning} |",
            key.name,
            shape(key.shape)
        );
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

fn shape(shape: Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Word(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Form(form) => form.name.to_owned(),
        Shape::Texts => "text or list".to_owned(),
        Shape::TextMap => "`NAME: text`".to_owned(),
        Shape::Data => "anything".to_owned(),
        Shape::Record(table) => table
            .place
            .trim_start_matches("a ")
            .trim_start_matches("an ")
            .to_owned(),
        Shape::Named(inner) => format!("`NAME:` {}", self::shape(*inner)),
        Shape::List(inner) => format!("list of {}", plural(&self::shape(*inner))),
        Shape::OneOrMore(inner) => format!("{}, one or a list", self::shape(*inner)),
        Shape::Either(short, long) => format!("{} or {}", self::shape(*short), self::shape(*long)),
    }
}

fn plural(words: &str) -> String {
    format!("{words}s")
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
