//! Fixes that depend on image configs.

use super::Edit;
use super::layout::Layout;
use super::text::{parts, replace};
use crate::compile::{Known, absolute};
use crate::instruction::CommandLine;

/// Shell built-ins, and words that have a special meaning to shells before a program.
const OF_SHELLS: [&str; 50] = [
    ".", ":", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "declare",
    "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi",
    "for", "function", "getopts", "hash", "if", "jobs", "let", "local", "pwd", "read", "readonly",
    "return", "select", "set", "shift", "shopt", "source", "then", "time", "times", "trap", "type",
    "ulimit", "umask", "unset", "wait", "while",
];

/// Reports whether containers behave the same with exec form as with shell form.
///
/// With an entrypoint, `CMD` is its arguments, so a shell in it makes a difference. A shell-form entrypoint ignores `CMD`,
/// while an exec-form one would get it as arguments, in this stage or in one based on it.
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
    // Stages based on it come after it.
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

/// Converts a shell-form command to exec form, if a shell would only start the program.
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

/// Replaces a relative working directory with the absolute one.
pub(super) fn workdir(layout: &Layout, path: &str, known: &Known) -> Option<Edit> {
    let (_, text) = parts(layout)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || "@%+=:,./_-".contains(letter);
    if !known.is_complete || text != path || !path.chars().all(is_plain) {
        return None;
    }
    replace(layout, text, absolute(&known.directory, path))
}
