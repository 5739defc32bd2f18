//! Recognition of manifests by their names.

/// The supported manifests, for messages.
pub const SUPPORTED: &str = "go.mod, package.json, pyproject.toml, requirements.txt, setup.py, Cargo.toml, pom.xml, build.gradle, build.gradle.kts";

/// A kind of manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// `go.mod`.
    Go,
    /// `package.json`.
    Node,
    /// `pyproject.toml`, `requirements.txt` or `setup.py`.
    Python,
    /// `Cargo.toml`.
    Rust,
    /// `pom.xml`.
    Maven,
    /// `build.gradle` or `build.gradle.kts`.
    Gradle,
    /// A manifest of a language without rules.
    Unsupported(&'static str),
}

/// Names of manifests without rules, or the ends of such names.
const UNSUPPORTED: [(&str, &str); 17] = [
    ("go.work", "a workspace of Go modules"),
    (
        "settings.gradle",
        "a build of Gradle; name the build.gradle of the program",
    ),
    (
        "settings.gradle.kts",
        "a build of Gradle; name the build.gradle.kts of the program",
    ),
    (
        "Pipfile",
        "Python with Pipenv; name the requirements.txt that `pipenv requirements` writes",
    ),
    ("composer.json", "PHP"),
    ("Gemfile", "Ruby"),
    ("deno.json", "Deno"),
    ("deno.jsonc", "Deno"),
    ("mix.exs", "Elixir"),
    ("build.sbt", "Scala"),
    ("pubspec.yaml", "Dart"),
    ("Package.swift", "Swift"),
    ("CMakeLists.txt", "CMake"),
    ("Makefile", "make"),
    (".csproj", ".NET"),
    (".fsproj", ".NET"),
    (".sln", ".NET"),
];

impl Manifest {
    /// Returns the kind of manifest with a file name.
    pub fn from_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let manifest = match name {
            "go.mod" => Self::Go,
            "package.json" => Self::Node,
            "pyproject.toml" | "requirements.txt" | "setup.py" => Self::Python,
            "Cargo.toml" => Self::Rust,
            "pom.xml" => Self::Maven,
            "build.gradle" | "build.gradle.kts" => Self::Gradle,
            name => {
                let mut known = UNSUPPORTED.iter();
                let (_, language) = known.find(|(known, _)| {
                    name == *known || known.starts_with('.') && name.ends_with(known)
                })?;
                Self::Unsupported(language)
            }
        };
        Some(manifest)
    }

    /// Returns the manifests of a directory that count: the first of each language.
    pub fn distinct<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
        let mut distinct: Vec<&str> = Vec::new();
        for name in names {
            if !distinct
                .iter()
                .any(|one| Self::from_path(one) == Self::from_path(name))
            {
                distinct.push(name);
            }
        }
        distinct
    }

    /// Iterates over the names of supported manifests, in the order in which they are searched in a directory.
    pub fn names() -> impl Iterator<Item = &'static str> {
        [
            "go.mod",
            "package.json",
            "pyproject.toml",
            "requirements.txt",
            "setup.py",
            "Cargo.toml",
            "pom.xml",
            "build.gradle",
            "build.gradle.kts",
        ]
        .into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_known_by_their_names() {
        for name in Manifest::names() {
            let manifest = Manifest::from_path(name);
            assert!(
                !matches!(manifest, None | Some(Manifest::Unsupported(_))),
                "{name}"
            );
            assert!(SUPPORTED.contains(name), "{name}");
        }
        assert_eq!(
            Manifest::from_path("a/Web.csproj"),
            Some(Manifest::Unsupported(".NET"))
        );
        for name in ["Stagefile", "Dockerfile", "go.mod.yaml", "", "a.json"] {
            assert_eq!(Manifest::from_path(name), None, "{name}");
        }
    }
}
