//! Outputs of steps that were meant to be files.

use crate::diagnostics;
use crate::expression::Text;
use crate::planner::Planner;
use crate::syntax;

/// Extensions of names that are hardly ever directories.
const ENDINGS: [&str; 26] = [
    "a", "apk", "bin", "css", "csv", "deb", "dll", "exe", "gz", "html", "img", "iso", "jar", "js",
    "json", "pdf", "rpm", "so", "sqlite", "tar", "tgz", "txt", "war", "wasm", "xml", "zip",
];
/// Programs that write a file given by `-o`.
const MAKERS: [&str; 9] = [
    "c++", "cc", "clang", "clang++", "curl", "g++", "gcc", "ld", "rustc",
];

impl Planner<'_> {
    /// Warns of an output that is probably a file rather than a directory.
    pub(in crate::planner) fn check_output(
        &mut self,
        path: &str,
        text: &Text,
        command: &syntax::Command,
    ) {
        if self.frame.module != 0 {
            return;
        }
        let script = match command {
            syntax::Command::Script(script) => script.scalar().text.as_str(),
            syntax::Command::Arguments(..) => "",
        };
        if !looks_like_a_file(path) && !writes_a_file(script, path) {
            return;
        }
        let directory = match path.rsplit_once('/') {
            Some(("", _)) => "/",
            Some((directory, _)) => directory,
            None => ".",
        };
        self.found
            .push(diagnostics::file_as_output(path, directory, text.span()));
    }
}

fn looks_like_a_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    ending.is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Reports whether a script writes a file at exactly this path.
fn writes_a_file(script: &str, path: &str) -> bool {
    let bare = |word: &str| word.trim_matches(['"', '\'']).to_owned();
    script.split(['\n', ';', '&', '|']).any(|command| {
        let words: Vec<&str> = command.split_whitespace().collect();
        let makes = words.first().is_some_and(|first| MAKERS.contains(first))
            || words.starts_with(&["go", "build"]);
        words.windows(2).any(|pair| {
            let to_file = matches!(pair[0], ">" | ">>") || (makes && pair[0] == "-o");
            to_file && bare(pair[1]) == path
        }) || words.iter().any(|word| {
            let target = word.trim_start_matches('>');
            target.len() < word.len() && bare(target) == path
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (path, expected) in [
            ("/out/app.tar.gz", true),
            ("target/app.jar", true),
            ("/out", false),
            ("/app/.next", false),
            ("/srv/www.example.com", false),
            ("/usr/lib/python3.11", false),
            (".so", false),
        ] {
            assert_eq!(looks_like_a_file(path), expected, "{path}");
        }
    }

    #[test]
    fn scripts_that_write_files() {
        for (script, expected) in [
            ("go build -o /out/x ./cmd", true),
            ("cd a && CGO=0 true; gcc a.c -o '/out/x'", true),
            ("date > /out/x", true),
            ("date >>\"/out/x\"", true),
            ("dotnet publish -o /out/x", false),
            ("go build -o /out/x/ ./...", false),
            ("mkdir -p /out/x", false),
            ("date > /out/x/date", false),
        ] {
            assert_eq!(writes_a_file(script, "/out/x"), expected, "{script}");
        }
    }
}
