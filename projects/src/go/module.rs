//! The parts of go.mod and go.work that a build needs.

use std::ops::Range;

/// A parsed go.mod.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Module {
    /// The module path, with its position.
    pub(super) path: Option<(String, Range<usize>)>,
    /// The version of Go: `1.22`, `1.22.3`.
    pub(super) go: Option<(String, Range<usize>)>,
    /// The requested toolchain: `go1.22.5`.
    pub(super) toolchain: Option<String>,
    /// The required modules.
    pub(super) requires: Vec<String>,
    /// Directories that replace modules, with their positions.
    pub(super) replaced_by: Vec<(String, Range<usize>)>,
}

/// A line with a directive: its first word, and the others with their positions.
struct Directive<'t> {
    verb: &'t str,
    words: Vec<(&'t str, Range<usize>)>,
}

impl Module {
    /// Parses a go.mod. Unknown directives are skipped: the compiler will report them.
    pub(super) fn read(text: &str) -> Self {
        let mut module = Self::default();
        for directive in directives(text) {
            let first = directive.words.first().cloned();
            let owned = |(word, range): (&str, Range<usize>)| (word.to_owned(), range);
            match directive.verb {
                "module" => module.path = first.map(owned),
                "go" => module.go = first.map(owned),
                "toolchain" => module.toolchain = first.map(|(word, _)| word.to_owned()),
                "require" => module
                    .requires
                    .extend(first.map(|(word, _)| word.to_owned())),
                "replace" => {
                    let arrow = directive.words.iter().position(|(word, _)| *word == "=>");
                    let by = arrow.and_then(|at| directive.words.get(at + 1)).cloned();
                    let is_folder = |word: &str| {
                        word.starts_with("./") || word.starts_with("../") || word == ".."
                    };
                    module
                        .replaced_by
                        .extend(by.filter(|(word, _)| is_folder(word)).map(owned));
                }
                _ => {}
            }
        }
        module
    }
}

impl Module {
    /// Reports whether Go uses the directory `vendor`, if there is one: this depends on the version in go.mod.
    pub(super) fn uses_vendor(&self) -> bool {
        let version = self.go.as_ref().map(|(version, _)| version.as_str());
        let mut numbers = version.unwrap_or_default().split(['.', 'r', 'b']);
        let mut number = || numbers.next()?.parse::<u32>().ok();
        number().zip(number()) >= Some((1, 14))
    }
}

/// Returns the directories that a go.work uses.
pub(super) fn used_by_workspace(text: &str) -> Vec<String> {
    let uses = directives(text)
        .into_iter()
        .filter(|directive| directive.verb == "use");
    let folders = uses.filter_map(|directive| directive.words.first().map(|(word, _)| *word));
    folders
        .map(|folder| {
            folder
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned()
        })
        .collect()
}

/// Parses a file: each line is a directive; lines in parentheses have the word before these.
fn directives(text: &str) -> Vec<Directive<'_>> {
    let mut all = Vec::new();
    let mut block = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or_default();
        let mut words = words(code, start);
        start += line.len();
        let Some((first, _)) = words.first() else {
            continue;
        };
        match block {
            Some(_) if *first == ")" => block = None,
            Some(verb) => all.push(Directive { verb, words }),
            None => {
                let (verb, _) = words.remove(0);
                if words.first().is_some_and(|(word, _)| *word == "(") {
                    block = Some(verb);
                } else {
                    all.push(Directive { verb, words });
                }
            }
        }
    }
    all
}

/// Returns the words of a line with their positions in the file, unquoted.
fn words(line: &str, start: usize) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    for word in line.split_whitespace() {
        let at = start + (word.as_ptr() as usize - line.as_ptr() as usize);
        let bare = word.trim_matches(['"', '`']);
        let bare = if bare.is_empty() { word } else { bare };
        found.push((bare, at..at + word.len()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_read_in_both_forms() {
        let text = "// first\nmodule \"example.com/app/v2\" // mine\n\ngo 1.21\ntoolchain go1.22.5\nrequire a.com/b v1.0.0\n\
                    require (\n\tc.com/d v1.2.3 // indirect\n\te.com/f v0.1.0\n)\nreplace c.com/d v1.2.3 => ../d\nreplace (\n\te.com/f => g.com/f v1\n)\n";
        let module = Module::read(text);
        let (path, range) = module.path.unwrap();
        assert_eq!(
            (path.as_str(), &text[range]),
            ("example.com/app/v2", "\"example.com/app/v2\"")
        );
        assert_eq!(module.go.unwrap().0, "1.21");
        assert_eq!(module.toolchain.unwrap(), "go1.22.5");
        assert_eq!(module.requires, ["a.com/b", "c.com/d", "e.com/f"]);
        let (folder, range) = &module.replaced_by[0];
        assert_eq!(
            (
                folder.as_str(),
                &text[range.clone()],
                module.replaced_by.len()
            ),
            ("../d", "../d", 1)
        );
    }

    #[test]
    fn folders_of_a_workspace() {
        let text = "go 1.19\nuse ./api\nuse (\n\t./lib/\n\t.\n)\n";
        assert_eq!(used_by_workspace(text), ["api", "lib", "."]);
    }

    #[test]
    fn odd_files_are_read_as_far_as_they_go() {
        for text in [
            "",
            "module",
            "require (",
            ")",
            "(((",
            "replace =>",
            "module \"\"\n",
            "\u{feff}module a",
        ] {
            _ = Module::read(text);
        }
    }
}
