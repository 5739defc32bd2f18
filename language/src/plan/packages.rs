//! The package managers with which a script installs packages.

use super::{Command, Run};
use crate::source::Span;

/// A package manager: its name, the caches of its preset, its programs, and the subcommands that change the installed packages.
struct Manager {
    name: &'static str,
    caches: &'static [&'static str],
    programs: &'static [&'static str],
    verbs: &'static [&'static str],
}

static MANAGERS: [Manager; 4] = [
    Manager {
        name: "apt",
        caches: &["apt-archives", "apt-lists"],
        programs: &["apt-get", "apt", "aptitude"],
        verbs: &[
            "install",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "remove",
            "purge",
            "autoremove",
            "build-dep",
        ],
    },
    Manager {
        name: "apk",
        caches: &["apk"],
        programs: &["apk"],
        verbs: &["add", "del", "upgrade"],
    },
    Manager {
        name: "dnf",
        caches: &["dnf", "libdnf5"],
        programs: &["dnf", "dnf5", "yum", "microdnf"],
        verbs: &["install", "upgrade", "update", "remove", "erase"],
    },
    Manager {
        name: "zypper",
        caches: &[],
        programs: &["zypper"],
        verbs: &["install", "in", "update", "up", "remove", "rm"],
    },
];

/// Returns the package managers with which a script at a location certainly installs packages: it calls them, or requests their
/// caches itself. (The stage's caches are mounted in all of its scripts.)
pub(crate) fn managers(run: &Run, place: Span) -> Vec<&'static str> {
    let inside = |span: Span| place.start <= span.start && span.end <= place.end;
    let own = |name: &str| {
        let mut caches = run.settings.caches.iter();
        caches.any(|cache| cache.name == name && cache.id.is_none() && inside(cache.span))
    };
    MANAGERS
        .iter()
        .filter(|manager| {
            calls(&run.command, manager) || manager.caches.iter().any(|name| own(name))
        })
        .map(|manager| manager.name)
        .collect()
}

fn calls(command: &Command, manager: &Manager) -> bool {
    match command {
        Command::Script(script) => script
            .replace("\\\n", " ")
            .split(['\n', ';', '&', '|', '(', ')', '`'])
            .any(|command| is_call(command.split_whitespace(), manager)),
        Command::Arguments(arguments) => is_call(arguments.iter().map(String::as_str), manager),
    }
}

/// Reports whether the words are a call that installs or removes packages: with the program first, or after words such as
/// `sudo`, followed by the subcommand.
fn is_call<'a>(words: impl Iterator<Item = &'a str>, manager: &Manager) -> bool {
    let before = |word: &&str| {
        matches!(
            *word,
            "sudo" | "env" | "exec" | "then" | "do" | "else" | "if" | "!" | "{" | "time"
        ) || word.contains('=')
    };
    let mut words = words.skip_while(before);
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    manager.programs.contains(&program) && words.any(|word| manager.verbs.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_package_managers() {
        for (script, expected) in [
            ("apt-get update && apt-get install -y curl", vec!["apt"]),
            ("apt-get -o Dpkg::Lock=1 -y \\\n  install curl", vec!["apt"]),
            ("apt-get update", vec![]),
            (
                "DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get install x",
                vec!["apt"],
            ),
            ("if true; then apk add curl; fi", vec!["apk"]),
            ("sudo dnf install -y git", vec!["dnf"]),
            ("echo apt-get install curl", vec![]),
            ("npm install", vec![]),
            ("# apt-get install curl", vec![]),
        ] {
            let command = Command::Script(script.to_owned());
            let found: Vec<_> = MANAGERS
                .iter()
                .filter(|manager| calls(&command, manager))
                .map(|manager| manager.name)
                .collect();
            assert_eq!(found, expected, "{script}");
        }
    }
}
