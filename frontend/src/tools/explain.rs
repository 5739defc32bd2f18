//! `explain`: the page about a diagnostic's code.

use std::fmt::Write;

use stagefile_language::diagnostics;
use stagefile_text::suggestion::closest;

use crate::dockerfile::codes;

/// The text before the pages of all codes.
const INTRODUCTION: &str = "\
# What the messages mean

Every error and every warning has a code, in brackets after `error` or `warning`. This page explains each code, with an example
and how to fix it. `stagefile explain CODE` prints the same text on the command line.

";

/// Returns the text of `docs/diagnostics.md`: the pages of all codes.
pub fn pages() -> String {
    let mut text = INTRODUCTION.to_owned();
    for code in diagnostics::ALL {
        _ = writeln!(text, "* [`{0}`](#{0})", code.name);
    }
    for code in diagnostics::ALL {
        _ = writeln!(text, "\n## {}\n{}", code.name, code.page.trim_end());
    }
    text
}

/// Returns the page of a code, or an error message if there is no such code.
pub fn explain(name: &str) -> Result<String, String> {
    if let Some(code) = diagnostics::find(name) {
        return Ok(format!("# {}\n{}", code.name, code.page));
    }
    if let Some(page) = codes::page(name) {
        return Ok(page);
    }
    let names = || diagnostics::ALL.iter().map(|code| code.name);
    let help = match closest(name, names()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("the codes are: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("there is no diagnostic `{name}`; {help}"))
}
