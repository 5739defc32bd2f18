//! The variables that a script sets, found in the words of its commands. Quotes are ignored: anything that looks like it sets
//! a variable counts.

use std::collections::HashSet;

use super::name_of;

/// Programs whose arguments are names of variables.
const SETTERS: [&str; 11] = [
    "declare",
    "export",
    "for",
    "getopts",
    "local",
    "mapfile",
    "read",
    "readarray",
    "readonly",
    "select",
    "typeset",
];

/// Collects the variables that a script sets. Returns whether it runs text from elsewhere, which may set any variable.
pub(super) fn collect(script: &str, sets: &mut HashSet<String>) -> bool {
    let mut is_opaque = false;
    for command in script.split(['\n', ';', '&', '|', '(', ')', '{', '`']) {
        let mut words = command.split_whitespace().peekable();
        // Words that may precede a command.
        let before = |word: &&str| {
            matches!(
                *word,
                "then" | "do" | "else" | "if" | "while" | "until" | "!" | "time"
            )
        };
        while words.next_if(before).is_some() {}
        is_opaque |= matches!(words.peek(), Some(&("." | "source")));
        let mut takes_names = false;
        let mut is_variable = false;
        for word in words {
            is_opaque |= word == "eval";
            takes_names |= SETTERS.contains(&word);
            let word = word.trim_start_matches(['"', '\'']);
            let name = name_of(word);
            let rest = &word[name.len()..];
            let assigns = rest.starts_with('=') || rest.starts_with("+=");
            if !name.is_empty() && (takes_names || is_variable || assigns) {
                sets.insert(name.to_owned());
            }
            // `printf -v NAME`
            is_variable = word == "-v";
        }
    }
    is_opaque
}
