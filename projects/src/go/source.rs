//! Quick inspection of Go files.

/// Reports whether a file belongs to a program, rather than to a library, a test, or a tool that is run
/// manually.
pub(super) fn is_program(path: &str, text: &str) -> bool {
    !path.ends_with("_test.go") && !is_left_out(text) && package(text) == Some("main")
}

/// Reports whether a file is only compiled on request.
fn is_left_out(text: &str) -> bool {
    let mut lines = text
        .lines()
        .take_while(|line| !line.starts_with("package "));
    lines.any(|line| {
        let constraint = line
            .strip_prefix("//go:build ")
            .or_else(|| line.strip_prefix("// +build "));
        constraint.is_some_and(|words| ["ignore", "tools", "never", "mage"].contains(&words.trim()))
    })
}

/// Returns the package name of a file.
fn package(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n')?.1;
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
        } else {
            let mut words = rest
                .strip_prefix("package")?
                .split([' ', '\t', '\n', '\r', ';', '/']);
            return words.find(|word| !word.is_empty());
        }
    }
}

/// Reports whether a file needs a C compiler.
pub(super) fn imports_c(text: &str) -> bool {
    text.lines()
        .any(|line| matches!(line.trim(), "import \"C\"" | "\"C\""))
}

/// Returns the variable that a linker can set: `version` or `Version` of the main package.
pub(super) fn variable<'n>(text: &str, names: [&'n str; 2]) -> Option<&'n str> {
    names.into_iter().find(|name| {
        text.lines().any(|line| {
            let line = line.trim_start();
            let line = line.strip_prefix("var ").unwrap_or(line).trim_start();
            let Some(rest) = line.strip_prefix(name) else {
                return false;
            };
            let rest = rest.trim_start();
            let has_type = rest.starts_with("string");
            let rest = rest.strip_prefix("string").unwrap_or(rest).trim_start();
            let is_set = rest
                .strip_prefix('=')
                .is_some_and(|value| value.trim_start().starts_with(['"', '`']));
            // `version := "1"` is in a function, and `version = "1"` may be.
            is_set && is_at_top(text, line) || has_type && rest.is_empty() && is_at_top(text, line)
        })
    })
}

/// Reports whether a line is a package-level declaration: unindented, or in a `var (…)`.
fn is_at_top(text: &str, line: &str) -> bool {
    let Some(at) = text.find(line) else {
        return false;
    };
    let before = &text[..at];
    let margin = before.rfind('\n').map_or(0, |end| end + 1);
    match &before[margin..] {
        "var " => true,
        "" => false,
        // The last unindented line shows what this one is part of.
        _ => {
            before[..margin]
                .lines()
                .rfind(|line| !line.is_empty() && !line.starts_with([' ', '\t', '/']))
                == Some("var (")
        }
    }
}

/// Reports whether a file embeds a directory.
pub(super) fn embeds(text: &str, folder: &str) -> bool {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("//go:embed"))
        .any(|patterns| {
            patterns.split_whitespace().any(|pattern| {
                let pattern = pattern.trim_matches(['"', '`']).trim_start_matches("all:");
                pattern.split('/').next() == Some(folder)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_the_rest() {
        for (path, text, expected) in [
            ("main.go", "package main\n", true),
            (
                "a.go",
                "// Command a.\n/* more */ package main // x\n",
                true,
            ),
            ("a.go", "package main;", true),
            ("a_test.go", "package main\n", false),
            ("gen.go", "//go:build ignore\n\npackage main\n", false),
            ("linux.go", "//go:build linux\n\npackage main\n", true),
            ("a.go", "package mainly\n", false),
            ("a.go", "", false),
            ("a.go", "// package main", false),
        ] {
            assert_eq!(is_program(path, text), expected, "{text}");
        }
    }

    #[test]
    fn variables_that_a_linker_sets() {
        let names = ["version", "Version"];
        for (text, expected) in [
            ("package main\nvar version = \"dev\"\n", Some("version")),
            ("package main\nvar Version string\n", Some("Version")),
            (
                "package main\nvar (\n\tcommit = \"\"\n\tversion = \"dev\"\n)\n",
                Some("version"),
            ),
            ("package main\nfunc main() {\n\tversion := \"1\"\n}\n", None),
            ("package main\nfunc main() {\n\tversion = \"1\"\n}\n", None),
            ("package main\nvar versions = \"1\"\n", None),
            ("package main\nvar version = 1\n", None),
            ("package main\nconst version = \"1\"\n", None),
        ] {
            assert_eq!(variable(text, names), expected, "{text}");
        }
    }

    #[test]
    fn what_files_import_and_embed() {
        assert!(imports_c("import \"C\"\n") && imports_c("import (\n\t\"C\"\n)"));
        assert!(!imports_c("// import \"C\"\n"));
        assert!(embeds(
            "//go:embed static/* templates\nvar f embed.FS",
            "templates"
        ));
        assert!(embeds("//go:embed all:static", "static"));
        assert!(!embeds("// static", "static"));
    }
}
