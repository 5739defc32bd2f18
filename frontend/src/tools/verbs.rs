//! The table of tools: which ones are available by `--call` and on the command line, and for which files. Lists of names, help
//! and completions are generated from it.

use stagefile_text::suggestion::closest;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each is for")]
pub enum Verb {
    Check,
    Outline,
    Targets,
    Graph,
    Llb,
    Caches,
    Lock,
    Fix,
    Fmt,
    Expand,
    Bake,
    Convert,
    ConvertTidy,
    Init,
    Diff,
    Layers,
    Schema,
    Lsp,
    Explain,
    Completions,
    Version,
    Describe,
}

/// The files for which a build supports a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Never,
    OfStagefiles,
    OfDockerfiles,
    OfBoth,
}

/// The properties of a tool.
struct Row {
    verb: Verb,
    name: &'static str,
    about: &'static str,
    asked: Asked,
    /// Whether it is available on the command line.
    is_typed: bool,
}

const fn row(
    verb: Verb,
    name: &'static str,
    asked: Asked,
    is_typed: bool,
    about: &'static str,
) -> Row {
    Row {
        verb,
        name,
        about,
        asked,
        is_typed,
    }
}

use Asked::{Never, OfBoth, OfDockerfiles, OfStagefiles};

/// All tools, in the order in which they are listed.
const ROWS: [Row; 22] = [
    row(
        Verb::Check,
        "check",
        OfBoth,
        true,
        "Report what is wrong with the file",
    ),
    row(
        Verb::Outline,
        "outline",
        OfBoth,
        true,
        "List what the target takes from the client",
    ),
    row(
        Verb::Targets,
        "targets",
        OfBoth,
        true,
        "List the targets of the file",
    ),
    row(
        Verb::Graph,
        "graph",
        OfBoth,
        true,
        "Draw the steps of the target, and what each needs",
    ),
    row(
        Verb::Llb,
        "llb",
        Never,
        true,
        "Print what the file compiles to, for `buildctl build`",
    ),
    row(
        Verb::Caches,
        "caches",
        OfStagefiles,
        true,
        "List the caches of the file, with their ids on the daemon",
    ),
    row(
        Verb::Lock,
        "lock",
        OfBoth,
        true,
        "Print what pins the images, repositories and downloads of the file",
    ),
    row(
        Verb::Fix,
        "fix",
        OfBoth,
        false,
        "Print the file with what can be corrected in it",
    ),
    row(
        Verb::Fmt,
        "fmt",
        OfStagefiles,
        true,
        "Print the file in the one layout",
    ),
    row(
        Verb::Expand,
        "expand",
        OfStagefiles,
        true,
        "Print the file with templates, imports, matrices and expressions written out",
    ),
    row(
        Verb::Bake,
        "bake",
        OfBoth,
        true,
        "Print a bake file with a target for each stage",
    ),
    row(
        Verb::Convert,
        "convert",
        OfDockerfiles,
        true,
        "Print a Dockerfile as a Stagefile",
    ),
    row(
        Verb::ConvertTidy,
        "convert-tidy",
        OfDockerfiles,
        false,
        "The same without variables that only scripts use",
    ),
    row(
        Verb::Init,
        "init",
        OfStagefiles,
        true,
        "Print the Stagefile that is made of a manifest, such as go.mod",
    ),
    row(
        Verb::Diff,
        "diff",
        OfBoth,
        true,
        "Say why steps run again: which differ from another version, and in what",
    ),
    row(
        Verb::Layers,
        "layers",
        OfBoth,
        true,
        "Print what each layer of the image adds, and what nobody needs of it",
    ),
    row(
        Verb::Schema,
        "schema",
        OfStagefiles,
        true,
        "Print the JSON Schema of the language, for editors",
    ),
    row(
        Verb::Lsp,
        "lsp",
        Never,
        true,
        "Answer an editor over standard input and output",
    ),
    row(
        Verb::Explain,
        "explain",
        Never,
        true,
        "Explain a diagnostic by its code",
    ),
    row(
        Verb::Completions,
        "completions",
        Never,
        true,
        "Print what completes the command line in a shell",
    ),
    row(
        Verb::Version,
        "version",
        OfBoth,
        true,
        "Print the version of the frontend",
    ),
    row(
        Verb::Describe,
        "describe",
        OfBoth,
        false,
        "List the questions that can be asked",
    ),
];

impl Verb {
    /// Returns the tools that a build supports for a Stagefile, or for a Dockerfile.
    pub fn asked(of_dockerfiles: bool) -> impl Iterator<Item = Self> {
        let rows = ROWS.iter().filter(move |row| match row.asked {
            Never => false,
            OfBoth => true,
            OfStagefiles => !of_dockerfiles,
            OfDockerfiles => of_dockerfiles,
        });
        rows.map(|row| row.verb)
    }

    /// Returns the tools of the command line.
    pub fn typed() -> impl Iterator<Item = Self> {
        let is_there = |row: &&Row| {
            let is_for_people = matches!(row.verb, Self::Diff | Self::Layers | Self::Completions);
            row.is_typed && (cfg!(feature = "offline") || !is_for_people)
        };
        ROWS.iter().filter(is_there).map(|row| row.verb)
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// Returns the name, for use after `--call` or `stagefile`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the description.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// Returns the name in a request. Clients use other names for some tools.
    pub fn request(self) -> String {
        match self {
            Self::Check => "frontend.lint".to_owned(),
            Self::Describe => "frontend.subrequests.describe".to_owned(),
            other => format!("frontend.{}", other.name()),
        }
    }

    /// Returns the tool for a request, if a build supports it for such a file. Words may follow the name.
    pub fn of_request(request: &str, of_dockerfiles: bool) -> Option<(Self, Vec<&str>)> {
        let (name, words) = words(request);
        let is_meant = |verb: &Self| {
            let other = match verb {
                // Clients that know this tool use a longer name for it.
                Self::Describe => "frontend.describe",
                Self::Check => "frontend.check",
                Self::Diff => "frontend.why",
                _ => "",
            };
            verb.request() == name || other == name
        };
        let verb = Self::asked(of_dockerfiles).find(is_meant)?;
        let takes = words.is_empty() || matches!(verb, Self::Lock | Self::Graph | Self::Bake);
        takes.then_some((verb, words))
    }

    /// Lists what can be requested for such a file, for the error about an unknown request.
    pub fn known(request: &str, of_dockerfiles: bool) -> String {
        let names: Vec<&str> = Self::asked(of_dockerfiles).map(Self::name).collect();
        let list = format!("`--call` takes one of: {}", names.join(", "));
        let name = words(request).0.trim_start_matches("frontend.");
        match closest(name, names.iter().copied()) {
            Some(close) if close != name => format!("did you mean `{close}`? {list}"),
            _ => list,
        }
    }
}

/// Splits a request: `--call 'lock check'` has an additional word.
pub fn words(request: &str) -> (&str, Vec<&str>) {
    let mut words = request.split(' ');
    let name = words.next().unwrap_or_default();
    (name, words.filter(|word| !word.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_has_its_own_row() {
        for (number, row) in ROWS.iter().enumerate() {
            assert_eq!(row.verb as usize, number, "{}", row.name);
        }
    }

    #[test]
    fn who_asks_for_something_unknown_learns_what_there_is() {
        let known = Verb::known("frontend.grpah", false);
        assert!(
            known.starts_with("did you mean `graph`? `--call` takes one of: check, "),
            "{known}"
        );
        assert!(!Verb::known("frontend.nonsense", false).contains("convert"));
        assert!(Verb::known("frontend.nonsense", true).contains("convert"));
        assert_eq!(Verb::of_request("frontend.outline json", false), None);
        for name in ["frontend.check", "frontend.lint"] {
            let asked = Verb::of_request(name, false);
            assert_eq!(asked, Some((Verb::Check, vec![])));
        }
        assert_eq!(
            Verb::of_request("frontend.graph dot", true),
            Some((Verb::Graph, vec!["dot"]))
        );
    }
}
