//! The generated parts of the manual: the tables of keys, presets and the standard library, the lists of pages, and the index.
//!
//! A line `<!-- tables: NAME … -->`, `<!-- std: NAME … -->`, `<!-- presets -->`, `<!-- pages: NAME … -->`, `<!-- limits -->`,
//! `<!-- index -->` or `<!-- navigation -->` in a page is followed by the generated text, up to the next paragraph or heading.

mod tables;

use std::collections::BTreeMap;
use std::fmt::Write;

use stagefile_language::bounds;
use stagefile_language::plan::preset::{self, Preset};
use stagefile_language::plan::{Reach, Sharing, Target};
use stagefile_language::syntax::keys::TABLES;

use super::library;

/// The page that lists the others.
pub const INDEX: &str = "language.md";

/// Returns the names of the tables that a manual should have.
pub fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

/// The pages of the manual, by their paths below `docs`.
#[derive(Debug)]
pub struct Manual {
    pages: BTreeMap<String, String>,
}

impl Manual {
    /// Creates a manual from its current pages.
    pub fn new(pages: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            pages: pages.into_iter().collect(),
        }
    }

    /// Returns the paths of the pages in the order of the index.
    pub fn order(&self) -> Vec<String> {
        let index = self.pages.get(INDEX).map(String::as_str);
        let lists = index.unwrap_or_default().lines().filter_map(comment);
        lists
            .filter_map(|comment| comment.strip_prefix("pages: "))
            .flat_map(|names| names.split(' ').map(path_of))
            .collect()
    }

    /// Returns a page with its generated parts updated.
    pub fn updated(&self, path: &str) -> String {
        let mut updated = String::new();
        let page = self.pages.get(path).map(String::as_str);
        let mut lines = page.unwrap_or_default().lines().peekable();
        while let Some(line) = lines.next() {
            updated.push_str(line);
            updated.push('\n');
            let Some(made) = comment(line).and_then(|comment| self.made_for(comment, path)) else {
                continue;
            };
            // Removes the old generated text: tables with the headings and empty lines between them, and lists.
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

    /// Generates the text for a comment on a page.
    fn made_for(&self, comment: &str, path: &str) -> Option<String> {
        let links = Links { manual: self, path };
        match comment {
            "presets" => return Some(presets()),
            "navigation" => return Some(self.navigation(path)),
            "index" => return Some(tables::index(&links)),
            "limits" => return Some(limits()),
            _ => {}
        }
        if let Some(names) = comment.strip_prefix("std: ") {
            return Some(library::reference(names));
        }
        if let Some(names) = comment.strip_prefix("pages: ") {
            return Some(names.split(' ').map(|name| self.entry(name)).collect());
        }
        let names = comment.strip_prefix("tables: ")?;
        let tables = names.split(' ').filter_map(tables::named);
        let tables: Vec<String> = tables.map(|table| tables::write(table, &links)).collect();
        Some(tables.join("\n"))
    }

    /// Returns the index line of a page, with its parts.
    fn entry(&self, name: &str) -> String {
        let path = path_of(name);
        let headings = headings(self.pages.get(&path).map_or("", String::as_str));
        let parts = headings.iter().skip(1);
        let parts: Vec<String> = parts
            .map(|heading| format!("[{heading}]({path}#{})", anchor(heading)))
            .collect();
        let title = headings.first().copied().unwrap_or_default();
        // Links from the time when the manual was a single page end here.
        let id = anchor(title);
        let mut line = format!("* <a id=\"{id}\"></a>[{title}]({path})");
        if !parts.is_empty() {
            _ = write!(line, ": {}", parts.join(", "));
        }
        line + "\n"
    }

    /// Returns the last line of a page.
    fn navigation(&self, path: &str) -> String {
        let order = self.order();
        let next = order.iter().skip_while(|other| *other != path).nth(1);
        let next = next.map(|next| {
            let headings = headings(self.pages.get(next).map_or("", String::as_str));
            let title = headings.first().copied().unwrap_or_default();
            let file = next.rsplit('/').next().unwrap_or_default();
            format!("Next: [{title}]({file}). ")
        });
        format!(
            "*{}All pages: [The Stagefile language](../{INDEX})*\n",
            next.unwrap_or_default()
        )
    }
}

/// The targets of links on a page.
struct Links<'a> {
    manual: &'a Manual,
    /// The page with the links.
    path: &'a str,
}

impl Links<'_> {
    /// Returns the address of a table, wherever it is printed.
    fn to(&self, slug: &str) -> String {
        let has = |text: &str| {
            let comments = text.lines().filter_map(comment);
            let mut names = comments
                .filter_map(|comment| comment.strip_prefix("tables: "))
                .flat_map(|names| names.split(' '));
            names.any(|name| tables::named(name).is_some_and(|table| table.slug() == slug))
        };
        let page = self.manual.pages.iter().find(|(_, text)| has(text));
        match page {
            Some((page, _)) if page != self.path => {
                let file = page.rsplit('/').next().unwrap_or_default();
                format!("{file}#{slug}")
            }
            _ => format!("#{slug}"),
        }
    }
}

/// Returns the content of a comment that fills a line.
fn comment(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- ")?.strip_suffix(" -->")
}

/// Returns the path of the page with a name.
fn path_of(name: &str) -> String {
    format!("language/{name}.md")
}

/// Returns the headings of a page; the first one is its title.
fn headings(page: &str) -> Vec<&str> {
    let mut code = false;
    let headings = page.lines().filter_map(|line| {
        code ^= line.starts_with("```");
        let heading = line.strip_prefix("# ").or(line.strip_prefix("## "));
        heading.filter(|_| !code)
    });
    headings.collect()
}

/// Returns GitHub's anchor for a heading.
pub fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    let letters = heading.chars().filter(kept);
    letters.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Lists the maximum sizes of files.
fn limits() -> String {
    let mut text = "| what | at most | beyond it |\n|---|---:|---|\n".to_owned();
    for bound in bounds::ALL {
        let beyond = match bound.code {
            "" => "the others are counted".to_owned(),
            code => format!("[`{code}`](../diagnostics.md#{code})"),
        };
        let limit = grouped(bound.limit);
        let limit = format!("{limit} {}", bound.unit);
        _ = writeln!(text, "| {} | {} | {beyond} |", bound.what, limit.trim_end());
    }
    text
}

/// Formats a number with thousands separators.
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
