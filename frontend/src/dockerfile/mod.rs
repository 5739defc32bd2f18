//! Dockerfiles without a daemon or a client: what is wrong with one, what it needs, what it is compiled to.
//!
//! The compiler is a separate crate, [`buildkit_dockerfile`]. Here, its mistakes and findings become diagnostics like
//! those of Stagefiles, with excerpts and fixes.

pub mod answers;
pub mod check;
pub mod codes;
pub mod offline;
pub mod part;

use buildkit_dockerfile::KEYWORDS;
use buildkit_gateway::directive;

/// The language name that clients get for excerpts.
pub const LANGUAGE: &str = "Dockerfile";

/// The file name if the client gives none and there is no Stagefile.
pub const FILE: &str = "Dockerfile";

/// Tells whether a file is a Dockerfile, from its first instruction, or from its name if that isn't conclusive.
pub fn is_dockerfile(filename: &str, text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let Some(first) = lines.find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return has_its_name(filename);
    };
    let mut words = first.split_whitespace();
    let word = words.next().unwrap_or_default();
    // In YAML, blanks may separate a key from its colon.
    if word.ends_with(':') || words.next().is_some_and(|word| word.starts_with(':')) {
        return false;
    }
    let mut keywords = KEYWORDS.iter();
    keywords.any(|keyword| keyword.eq_ignore_ascii_case(word)) || has_its_name(filename)
}

/// Tells whether a file is named like a Dockerfile: `Dockerfile`, `Dockerfile.dev`, `dev.Dockerfile`, `Containerfile`.
pub fn has_its_name(filename: &str) -> bool {
    let name = filename.rsplit('/').next().unwrap_or(filename);
    let name = name.to_lowercase();
    ["dockerfile", "containerfile"]
        .iter()
        .any(|kind| name.split('.').next() == Some(kind) || name.rsplit('.').next() == Some(kind))
}

/// Returns the frontend that a file asks for, unless it is Docker's, whose language is compiled here, or this one.
///
/// Both are recognized by the last part of their names, since many use copies in their own registries.
pub fn other_frontend(text: &[u8]) -> Option<String> {
    let directive = directive::syntax(text)?;
    let image = directive.image();
    let path = image.split_once('@').map_or(image, |(path, _)| path);
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    let is_known = ["dockerfile", "dockerfile-upstream", "stagefile"].contains(&name);
    (!is_known).then(|| image.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_dockerfile, other_frontend};

    #[test]
    fn dockerfiles_are_told_from_stagefiles() {
        for (filename, text, expected) in [
            ("x", "# syntax=stagefile/stagefile:1\nFROM alpine\n", true),
            ("x", "\u{feff}\n  from alpine AS x", true),
            ("x", "ARG X=1\nFROM x", true),
            ("x", "RUN x", true),
            ("x", "from: alpine", false),
            ("x", "args: {}", false),
            ("x", "arg : 1", false),
            ("x", "", false),
            ("x", "# FROM x\nstages: {}", false),
            ("Dockerfile", "stages:", false),
            ("Dockerfile", "", true),
            ("a/Dockerfile.dev", "FORM x", true),
            ("app.Dockerfile", "# nothing", true),
            ("Stagefile", "# nothing", false),
        ] {
            assert_eq!(is_dockerfile(filename, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn docker_s_language_is_known_by_the_last_part_of_the_name() {
        for (image, is_other) in [
            ("docker/dockerfile:1", false),
            ("docker/dockerfile@sha256:00", false),
            (
                "registry.example:5000/mirror/docker/dockerfile:1.7-labs",
                false,
            ),
            ("docker/dockerfile-upstream:master", false),
            ("stagefile/stagefile:1", false),
            ("ghcr.io/someone/mopy", true),
            ("someone/dockerfiles", true),
        ] {
            let text = format!("# syntax={image}\nFROM scratch\n");
            let other = other_frontend(text.as_bytes());
            assert_eq!(other.is_some(), is_other, "{image}");
        }
        assert_eq!(other_frontend(b"FROM scratch\n"), None);
    }
}
