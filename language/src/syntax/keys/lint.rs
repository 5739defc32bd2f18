//! What becomes of warnings.

use super::Shape::Word;
use super::{Shape, Table, key};
use crate::value;

/// What can become of a warning.
const LEVEL: Shape = Word(value::LEVEL.names);

/// The warnings, by their codes.
pub static LINT: Table = Table {
    place: "`lint`",
    keys: &[
        key!(
            "emulated-compiler",
            LEVEL,
            "A compiler is emulated that could run natively and compile for another platform.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "failed-script",
            LEVEL,
            "A script failed, but its stage's reports are exported. With `error`, they aren't.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "file-as-output",
            LEVEL,
            "An output of a `run` step looks like a file; it is a directory.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "foreign-base",
            LEVEL,
            "The base image is for a different platform than the stage.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "foreign-syntax",
            LEVEL,
            "A value looks like another tool's syntax.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "hidden-failure",
            LEVEL,
            "A script continues after a failure: in a pipe, or because of `|| true` after an install.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "ignored-triggers",
            LEVEL,
            "The base image has `ONBUILD` instructions, which are not run.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "missing-cache",
            LEVEL,
            "A package manager downloads everything again each time, because its step has no cache for it.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "missing-path",
            LEVEL,
            "In a check: the build context lacks a path that is used. In a build, this is an error.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "missing-report",
            LEVEL,
            "A stage left nothing at the path of a report.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "not-locked",
            LEVEL,
            "The file's lock lacks an image, a repository or a download that the build uses.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "package-lists",
            LEVEL,
            "The package lists of apt or apk stay in the image.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "parallel-packages",
            LEVEL,
            "Two branches of `parallel` install packages with the same package manager.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "recommended-packages",
            LEVEL,
            "`apt-get install` also installs recommended packages.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "root-user",
            LEVEL,
            "The program of the default image runs as root.",
            default: "`off`",
            example: "warning"
        ),
        key!(
            "secrets-in-args",
            LEVEL,
            "An argument or a variable of `image` looks like a password or a token, which everybody can read.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "shell-form",
            LEVEL,
            "A shell starts the program of an image, although the file names no shell.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "shell-syntax",
            LEVEL,
            "A script for `/bin/sh` uses syntax that only bash has.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "source-before-install",
            LEVEL,
            "All of the source is copied before dependencies are installed.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "syntax-line",
            LEVEL,
            "BuildKit doesn't see the `# syntax=` line, because of what is above it.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "text-as-comment",
            LEVEL,
            "YAML reads the rest of a string as a comment.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unexpanded-variable",
            LEVEL,
            "A path or a variable contains `$NAME` or `~`, which is not expanded.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unknown-argument",
            LEVEL,
            "The client gives a build argument that the file doesn't declare.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unknown-context",
            LEVEL,
            "A stage that the target doesn't need uses a name similar to one of the client's contexts.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unknown-stage",
            LEVEL,
            "A stage that the target doesn't need uses a name similar to another stage's.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unknown-user",
            LEVEL,
            "The image's user is a name, but the image can't have a list of users. For owners and scripts, this is an error.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unnamed-secret",
            LEVEL,
            "A script reads the file of a secret that its step doesn't name.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unpinned-base",
            LEVEL,
            "An image has no tag, or the tag `latest`.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unpinned-source",
            LEVEL,
            "A download has no checksum.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unquoted-value",
            LEVEL,
            "A value in a script contains a character that the shell interprets.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unreached-requires",
            LEVEL,
            "A stage that the default target doesn't need has `requires`.",
            default: "`off`",
            example: "warning"
        ),
        key!(
            "unset-variable",
            LEVEL,
            "A script reads as a variable an argument, a platform, or a secret that its step doesn't name.",
            default: "`warning`",
            example: "error"
        ),
        key!(
            "unused-argument",
            LEVEL,
            "No expression uses a build argument.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unused-cache",
            LEVEL,
            "Nothing uses a cache that the file defines.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unused-import",
            LEVEL,
            "Nothing uses a file that this one imports.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unused-secret",
            LEVEL,
            "Nothing uses a secret that the file defines.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "unused-template",
            LEVEL,
            "Nothing uses a template that the file defines.",
            default: "`warning`",
            example: "off"
        ),
        key!(
            "whole-context",
            LEVEL,
            "In a check: the whole build context is used, including directories such as `.git` that nobody needs.",
            default: "`warning`",
            example: "off"
        ),
    ],
};

#[cfg(test)]
mod tests {
    use std::fs;

    use super::LINT;
    use crate::diagnostic::OFF;

    #[test]
    fn every_warning_has_a_rule() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnostics");
        let mut codes: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                fs::read_to_string(path)
                    .unwrap()
                    .contains("Diagnostic::warning(")
            })
            .map(|path| {
                path.file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('_', "-")
            })
            .collect();
        codes.sort();
        assert_eq!(codes, LINT.names().collect::<Vec<_>>());
    }

    #[test]
    fn the_table_says_which_warnings_are_off() {
        let keys = LINT.keys.iter();
        let off = keys.filter(|key| key.default == "`off`");
        let off: Vec<&str> = off.map(|key| key.name).collect();
        assert_eq!(off, OFF);
    }
}
