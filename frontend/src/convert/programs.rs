//! Knowledge about the commands that scripts call.

use super::kinds::Kind;
use super::model::{Action, Command as RunCommand, Run, Step};
use super::script::{Command, Script};

/// Programs that depend neither on their working directory nor on variables other than the system's, as long as their paths are
/// absolute.
const SYSTEM: [&str; 22] = [
    "addgroup", "adduser", "apk", "apt-get", "chmod", "chown", "cp", "deluser", "echo", "groupadd",
    "install", "ln", "mkdir", "mv", "rm", "set", "sleep", "test", "touch", "true", "useradd",
    "usermod",
];

/// Prefixes of variables that affect such programs.
const OF_SYSTEM: [&str; 14] = [
    "PATH", "HOME", "LANG", "LC_", "TZ", "DEBIAN_", "DEBCONF_", "APT_", "LD_", "SHELL", "USER",
    "TMPDIR", "HTTP", "http",
];

/// Reports whether a step is independent of its working directory.
pub(super) fn ignores_directory(step: &Step) -> bool {
    match &step.action {
        Action::Run(run) => is_system(run),
        Action::Copy(copy) => {
            step.at.workdir.is_some()
                || copy
                    .to
                    .as_ref()
                    .is_some_and(|to| to.start().starts_with('/'))
        }
        Action::Write(write) => step.at.workdir.is_some() || write.path.start().starts_with('/'),
        Action::Fetch(fetch) => {
            step.at.workdir.is_some()
                || fetch
                    .to
                    .as_ref()
                    .is_some_and(|to| to.start().starts_with('/'))
        }
        Action::Git(git) => {
            step.at.workdir.is_some()
                || git
                    .to
                    .as_ref()
                    .is_some_and(|to| to.start().starts_with('/'))
        }
        Action::Mkdir(..) | Action::Install(_) => true,
    }
}

/// Reports whether a step is independent of a variable.
pub(super) fn ignores_variable(step: &Step, name: &str) -> bool {
    match &step.action {
        Action::Run(run) => {
            !OF_SYSTEM.iter().any(|start| name.starts_with(start)) && is_system(run)
        }
        Action::Install(_) => !OF_SYSTEM.iter().any(|start| name.starts_with(start)),
        _ => true,
    }
}

/// Reports whether a script only calls system programs with fixed paths.
fn is_system(run: &Run) -> bool {
    if !run.is_bare() {
        return false;
    }
    let all_absolute = |words: &[&str]| {
        let is_tool = words
            .first()
            .is_some_and(|program| SYSTEM.contains(program));
        is_tool
            && words
                .iter()
                .skip(1)
                .all(|word| !word.contains('/') || word.starts_with('/') || word.contains("=/"))
    };
    match &run.command {
        RunCommand::Script(Script::Chain(commands)) => commands.iter().all(|command| {
            let words = plain_words(command);
            words.is_some_and(|words| all_absolute(&words) && !names_a_file(&words))
        }),
        RunCommand::Script(Script::Lines { .. }) => false,
        RunCommand::Program(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            all_absolute(&words) && !names_a_file(&words)
        }
    }
}

/// Returns the words of a command. A pattern at the end of an absolute path also counts as a word.
fn plain_words(command: &Command) -> Option<Vec<&str>> {
    if let Some(words) = command.words() {
        return Some(words);
    }
    let text = command.text.as_str();
    let others = text.replace("/*", "/x");
    let special = |letter: char| "\\'\"`$&|;<>()*?[]{}!#~\n".contains(letter);
    (!others.contains(special)).then(|| text.split_whitespace().collect())
}

/// Reports whether a file tool gets a name without a directory.
fn names_a_file(words: &[&str]) -> bool {
    const OF_FILES: [&str; 9] = [
        "chmod", "chown", "cp", "install", "ln", "mkdir", "mv", "rm", "touch",
    ];
    let [program, arguments @ ..] = words else {
        return false;
    };
    if !OF_FILES.contains(program) {
        return false;
    }
    let mut names = arguments.iter().filter(|word| !word.starts_with('-'));
    if ["chmod", "chown"].contains(program) {
        names.next();
    }
    names.any(|name| !name.starts_with('/'))
}

/// Directories that contain users' home directories.
const OF_USERS: [&str; 3] = ["/home", "/var", "/srv"];

/// Directories in which packages create directories.
const OF_PACKAGES: [&str; 7] = ["/etc", "/lib", "/run", "/srv", "/usr", "/var", "/home"];

/// Reports whether a script adds users, who have home directories.
fn adds_users(script: &str) -> bool {
    ["adduser", "useradd"]
        .iter()
        .any(|program| script.contains(program))
}

/// Reports whether a script installs packages.
fn installs(script: &str) -> bool {
    ["apt", "apk", "dnf", "yum", "microdnf", "zypper"]
        .iter()
        .any(|program| script.contains(program))
}

/// Reports whether a step may have created a path already, or one below it.
pub(super) fn mentions(step: &Step, path: &str) -> bool {
    let has = |text: &str| {
        text.contains(path)
            || adds_users(text) && OF_USERS.iter().any(|start| path.starts_with(start))
    };
    let is_of_packages = OF_PACKAGES.iter().any(|start| path.starts_with(start));
    match &step.action {
        Action::Run(run) => match &run.command {
            RunCommand::Script(script) => {
                let text = script.text();
                has(&text) || is_of_packages && installs(&text)
            }
            RunCommand::Program(words) => {
                words.iter().any(|word| has(word)) || has(&words.join(" "))
            }
        },
        Action::Copy(copy) => copy.to.as_ref().is_some_and(|to| has(&to.written())),
        Action::Write(write) => has(&write.path.written()),
        Action::Mkdir(other, _) => has(&other.written()),
        Action::Fetch(fetch) => fetch.to.as_ref().is_some_and(|to| has(&to.written())),
        Action::Git(git) => git.to.as_ref().is_some_and(|to| has(&to.written())),
        Action::Install(_) => is_of_packages,
    }
}

/// Reports whether a step creates a directory, even if only as a parent.
pub(super) fn makes(step: &Step, path: &str) -> bool {
    let below = |to: &str| {
        let to = stagefile_text::paths::clean(to);
        to == path || stagefile_text::paths::is_below(&to, path)
    };
    match &step.action {
        Action::Copy(copy) => copy
            .to
            .as_ref()
            .and_then(|to| to.constant())
            .is_some_and(below),
        Action::Write(write) => write.path.constant().is_some_and(below),
        Action::Mkdir(other, _) => other.constant().is_some_and(below),
        _ => false,
    }
}

/// Returns what a script creates: files written by compilers and the shell, directories, and links.
pub(super) fn made(run: &Run) -> Vec<(&str, Kind)> {
    const COMPILERS: [&str; 7] = ["go", "gcc", "g++", "cc", "c++", "clang", "rustc"];
    let mut made = Vec::new();
    let commands = run.script().map(Script::commands).unwrap_or_default();
    let is_path =
        |word: &str| !word.is_empty() && !word.contains(['$', '"', '\'', '&', '*', '(', '`']);
    for command in commands {
        let words: Vec<&str> = command.text.split_whitespace().collect();
        let mut names = words
            .iter()
            .filter(|word| !word.contains('=') && !word.starts_with(['\'', '"', '-']));
        let program = names.next().copied().unwrap_or_default();
        for pair in words.windows(2) {
            let is_output =
                pair[0] == "-o" && COMPILERS.contains(&program) && !pair[1].ends_with('/');
            if (is_output || matches!(pair[0], ">" | ">>")) && is_path(pair[1]) {
                made.push((pair[1], Kind::File));
            }
        }
        let kind = match program {
            "mkdir" => Kind::Directory,
            "touch" => Kind::File,
            "ln" => Kind::Link,
            _ => continue,
        };
        let names: Vec<&str> = names.copied().filter(|name| is_path(name)).collect();
        // The last name of a link is its own.
        let first = if kind == Kind::Link {
            names.len().saturating_sub(1)
        } else {
            0
        };
        made.extend(
            names[first..]
                .iter()
                .map(|name| (name.trim_end_matches('/'), kind)),
        );
    }
    made
}
