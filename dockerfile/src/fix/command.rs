//! Fixes that need to know what images say.

use super::Edit;
use super::layout::Layout;
use super::text::{parts, replace};
use crate::convert::{Known, absolute};
use crate::instruction::CommandLine;

/// What shells do themselves, or what means something to them before a program.
const OF_SHELLS: [&str; 50] = [
    ".", ":", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "declare",
    "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi",
    "for", "function", "getopts", "hash", "if", "jobs", "let", "local", "pwd", "read", "readonly",
    "return", "select", "set", "shift", "shopt", "source", "then", "time", "times", "trap", "type",
    "ulimit", "umask", "unset", "wait", "while",
];

/// Tells whether containers do the same with a list of words as with a line for a shell.
///
/// With an entrypoint, `CMD` is its arguments, and a shell among them isn't the same. A line for a shell as the entrypoint
/// takes no arguments, and a list would take those of `CMD`, in this stage or in one that starts from it.
pub(super) fn is_certain(known: &[Known], stage: usize, is_cmd: bool) -> bool {
    let Some(own) = known.get(stage) else {
        return false;
    };
    if is_cmd {
        return own.is_complete && !own.has_entrypoint;
    }
    if own.sets_cmd {
        return false;
    }
    // Those that start from it stand below it.
    let mut inherits = vec![false; known.len()];
    inherits[stage] = true;
    for (index, other) in known.iter().enumerate().skip(stage + 1) {
        let from_it = other
            .base
            .is_some_and(|base| inherits.get(base) == Some(&true));
        if !from_it || other.sets_entrypoint {
            continue;
        }
        if other.sets_cmd {
            return false;
        }
        inherits[index] = true;
    }
    true
}

/// Writes a line for a shell as a list of words, where a shell would do nothing but start the program.
pub(super) fn list(layout: &Layout, line: &CommandLine) -> Option<Edit> {
    let (_, text) = parts(layout)?;
    let [written] = line.words.as_slice() else {
        return None;
    };
    if text != written.as_str() || !line.heredocs.is_empty() {
        return None;
    }
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " @%+=:,./_-".contains(letter);
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let first = words.first()?;
    if !text.chars().all(is_plain) || first.contains('=') || OF_SHELLS.contains(first) {
        return None;
    }
    let words = words.iter().map(|word| format!("\"{word}\""));
    let list = words.collect::<Vec<_>>().join(", ");
    replace(layout, text, format!("[{list}]"))
}

/// Writes the directory that a relative one leads to.
pub(super) fn workdir(layout: &Layout, path: &str, known: &Known) -> Option<Edit> {
    let (_, text) = parts(layout)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || "@%+=:,./_-".contains(letter);
    if !known.is_complete || text != path || !path.chars().all(is_plain) {
        return None;
    }
    replace(layout, text, absolute(&known.directory, path))
}
