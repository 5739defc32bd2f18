//! requirements.txt, and the files that it includes.

use std::ops::Range;

use crate::Project;
use crate::mistake::Stop;

/// The maximum depth of included files.
const DEEPEST: usize = 3;

/// The requirements in requirements.txt.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    /// The lines of all files.
    pub(super) lines: Vec<String>,
    /// Files besides requirements.txt that are needed for installing: patterns, relative to its
    /// directory.
    pub(super) files: Vec<String>,
    /// The range in requirements.txt of the line that installs the project itself.
    pub(super) itself: Option<Range<usize>>,
}

impl Requirements {
    /// Reads requirements.txt, if it exists, and the files that it includes.
    pub(super) fn read(project: &Project<'_>) -> Result<Option<Self>, Stop> {
        let Some(text) = project.text_beside("requirements.txt") else {
            return Ok(None);
        };
        let mut found = Self::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let requirement = line.trim();
            let local = editable(requirement).unwrap_or(requirement);
            if found.itself.is_none() && (local == "." || local.starts_with(".[")) {
                let start = at + line.len() - line.trim_start().len();
                found.itself = Some(start..start + requirement.len());
            }
            at += line.len();
        }
        let mut named = found.add("requirements.txt", text);
        for _ in 0..DEEPEST {
            let paths: Vec<String> = named.iter().map(|path| project.beside(path)).collect();
            project.files.need(paths)?;
            let mut more = Vec::new();
            for path in named {
                if found.files.contains(&path) {
                    continue;
                }
                found.files.push(path.clone());
                if let Some(text) = project.text_beside(&path) {
                    more.extend(found.add(&path, text));
                }
            }
            named = more;
        }
        Ok(Some(found))
    }

    /// Adds a file's lines, and returns the requirement files that it includes.
    fn add(&mut self, path: &str, text: &str) -> Vec<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut named = Vec::new();
        for line in text.lines() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            let option = |names: &[&str]| {
                let mut names = names.iter();
                names.find_map(|name| {
                    let value = line.strip_prefix(name)?.trim_start_matches('=').trim();
                    (!value.is_empty() && !value.contains("://")).then_some(value)
                })
            };
            if let Some(path) = option(&["-r", "--requirement", "-c", "--constraint"]) {
                named.extend(beside(folder, path));
            } else if let Some(folder) = option(&["-f", "--find-links"]) {
                let path = beside("", folder).map(|path| format!("{path}/**"));
                self.files.extend(path);
            } else {
                let local = editable(line).unwrap_or(line);
                // Such paths are relative to pip's working directory.
                if let Some(path) = local.strip_prefix("./").and_then(|path| beside("", path)) {
                    let path = path.split('[').next().unwrap_or_default().to_owned();
                    let is_archive = [".whl", ".tar.gz", ".zip"];
                    let is_archive = is_archive.iter().any(|end| path.ends_with(end));
                    self.files.push(if is_archive {
                        path
                    } else {
                        format!("{path}/**")
                    });
                }
                self.lines.push(line.to_owned());
            }
        }
        named
    }
}

/// Returns what an editable requirement installs.
fn editable(line: &str) -> Option<&str> {
    let path = line
        .strip_prefix("-e")
        .or_else(|| line.strip_prefix("--editable"))?;
    Some(path.trim_start_matches('=').trim())
}

/// Resolves a path in a file of a directory; `None` if it leads out of the project.
fn beside(folder: &str, path: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    if path.starts_with('/') || path.contains(['*', '$']) {
        return None;
    }
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop()?,
            name => names.push(name),
        }
    }
    (!names.is_empty()).then(|| names.join("/"))
}

/// Returns the name in a requirement: `Flask[async]>=3 ; python_version > "3"`.
pub(super) fn required(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with(['#', '-', '.', '/']) {
        return None;
    }
    let end = line
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || "._-".contains(letter)))
        .unwrap_or(line.len());
    let name = normal(&line[..end]);
    (!name.is_empty()).then_some(name)
}

/// Normalizes a package's name for comparison.
pub(super) fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_requirements() {
        for (line, expected) in [
            ("Flask[async]>=3 ; python_version > \"3\"", Some("flask")),
            ("ruamel.yaml==1", Some("ruamel-yaml")),
            ("# comment", None),
            ("-r base.txt", None),
            ("./local", None),
            ("", None),
        ] {
            assert_eq!(required(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn files_that_requirements_name() {
        let mut found = Requirements::default();
        let text = "-r base.txt # all\n--constraint=../limits.txt\n-e ./libs/a[x]\n./wheels/b-1.whl\n-f wheels\nflask\n-r https://example.com/x.txt\n-c /etc/x\n";
        assert_eq!(
            found.add("requirements/web.txt", text),
            ["requirements/base.txt", "limits.txt"]
        );
        assert_eq!(found.files, ["libs/a/**", "wheels/b-1.whl", "wheels/**"]);
        assert_eq!(beside("", "../x"), None);
    }
}
