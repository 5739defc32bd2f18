//! Lint results of a file.

use std::cmp::Ordering;
use std::fmt;

use buildkit_llb::SourceFile;
use serde::{Serialize, Serializer};

use super::{Location, answer};
use crate::build_result::BuildResult;
use crate::client::Warning;
use crate::failure::{Failure, InfoJson, SourcePosition};

/// The line before and after an excerpt.
const RULE: &str = "--------------------";

/// The answer to [`LINT`](super::LINT).
///
/// ```
/// use buildkit_gateway::subrequest::{Lint, LintWarning, Location};
/// use buildkit_llb::{Range, SourceFile};
///
/// let file = SourceFile { filename: "Packages".into(), data: "curl\ncurl\n".into(), ..SourceFile::default() };
/// let twice = LintWarning::new("Twice", "curl is listed twice").at(Location::new([Range::line(2)]));
/// let lint = Lint::default().source(file).warning(twice);
/// assert!(lint.to_string().starts_with("\nWARNING: Twice\ncurl is listed twice\nPackages:2\n"));
/// assert_eq!(lint.answer().metadata("result.statuscode").unwrap(), "1");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[must_use]
pub struct Lint {
    /// Warnings, which don't prevent a build.
    #[serde(serialize_with = "null_if_empty")]
    pub warnings: Vec<LintWarning>,
    /// The files that locations refer to.
    #[serde(serialize_with = "files")]
    pub sources: Vec<SourceFile>,
    /// The error that prevents a build, if any.
    #[serde(rename = "buildError", skip_serializing_if = "Option::is_none")]
    pub error: Option<LintError>,
}

/// A warning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct LintWarning {
    /// The name of the violated rule.
    #[serde(rename = "ruleName")]
    pub rule: String,
    /// The description of the rule.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// A URL with more information.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What is wrong in this case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The location of the violation.
    pub location: Location,
}

/// The reason why a file can't be built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LintError {
    /// What is wrong.
    pub message: String,
    /// The location of the error.
    pub location: Location,
}

impl Lint {
    /// Adds a warning.
    pub fn warning(mut self, warning: LintWarning) -> Self {
        self.warnings.push(warning);
        self
    }

    /// Adds a file that locations refer to.
    pub fn source(mut self, file: SourceFile) -> Self {
        self.sources.push(file);
        self
    }

    /// Sets the error that prevents a build.
    pub fn error(mut self, message: impl Into<String>, location: Location) -> Self {
        self.error = Some(LintError {
            message: message.into(),
            location,
        });
        self
    }

    /// Sets the error from an error of the build, with its first position.
    pub fn failure(self, failure: &Failure) -> Self {
        let place = failure.positions().next();
        let location = place.map_or_else(Location::nowhere, |place| Location::new(place.ranges));
        self.error(failure.message(), location)
    }

    /// Converts the warnings to those that a build shows.
    pub fn build_warnings(&self) -> impl Iterator<Item = Warning> {
        self.warnings.iter().map(|warning| {
            let shown = Warning::new(format!("{}: {}", warning.rule, warning.detail));
            let shown = match warning.description.as_str() {
                "" => shown,
                description => shown.detail(description),
            };
            let shown = shown.url(&warning.url);
            let index = usize::try_from(warning.location.source).ok();
            let file = index.and_then(|index| self.sources.get(index));
            let ranges = warning.location.ranges.iter().copied();
            match file {
                Some(file) => shown.at(ranges.fold(
                    SourcePosition::from_file(file.clone()),
                    SourcePosition::range,
                )),
                None => shown,
            }
        })
    }

    /// Reports whether there are no warnings and no error.
    pub fn is_clean(&self) -> bool {
        self.warnings.is_empty() && self.error.is_none()
    }

    /// Creates the answer. Clients exit with an error unless the file is clean.
    pub fn answer(&self) -> BuildResult {
        answer(self).status_code(u8::from(!self.is_clean()))
    }

    /// Compares warnings in the order in which clients list them: by file, then by line.
    fn order(&self, a: &LintWarning, b: &LintWarning) -> Ordering {
        let key = |warning: &LintWarning| {
            let index = usize::try_from(warning.location.source).ok();
            let file = index.and_then(|index| self.sources.get(index));
            let line = warning
                .location
                .ranges
                .first()
                .map(|range| range.start.line);
            (file.map(|file| file.filename.clone()), line)
        };
        let (a_key, b_key) = (key(a), key(b));
        // Warnings without a location are ordered by name.
        let by_name = || match (a_key.0.is_none(), a_key.1) {
            (false, Some(_)) => Ordering::Equal,
            _ => a.rule.cmp(&b.rule),
        };
        a_key.cmp(&b_key).then_with(by_name)
    }
}

impl LintWarning {
    /// Creates a warning of a rule, saying what is wrong.
    pub fn new(rule: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            detail: detail.into(),
            ..Self::default()
        }
    }

    /// Sets the description of the rule.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets a URL with more information.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Sets the location.
    pub fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
}

/// Writes warnings in the format that clients print, each with an excerpt. Clients print the error
/// themselves.
impl fmt::Display for Lint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut warnings: Vec<&LintWarning> = self.warnings.iter().collect();
        warnings.sort_by(|a, b| self.order(a, b));
        for warning in warnings {
            write!(formatter, "\nWARNING: {}", warning.rule)?;
            if !warning.url.is_empty() {
                write!(formatter, " - {}", warning.url)?;
            }
            writeln!(formatter, "\n{}", warning.detail)?;
            let index = usize::try_from(warning.location.source).ok();
            if let Some(file) = index.and_then(|index| self.sources.get(index)) {
                excerpt(file, &warning.location, formatter)?;
            }
        }
        Ok(())
    }
}

/// Writes lines with some context. A location outside of the file has no excerpt.
fn excerpt(
    file: &SourceFile,
    location: &Location,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let text = String::from_utf8_lossy(&file.data);
    let lines: Vec<&str> = text.split('\n').collect();
    let number = |line: i32| usize::try_from(line).unwrap_or_default();
    let marked: Vec<(usize, usize)> = location
        .ranges
        .iter()
        .map(|range| {
            let start = number(range.start.line);
            (start, number(range.end.line).max(start))
        })
        .collect();
    let first = marked.iter().map(|(start, _)| *start).min();
    let last = marked.iter().map(|(_, end)| *end).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(());
    };
    if first == 0 || first > lines.len() {
        return Ok(());
    }
    let last = last.min(lines.len());
    let (mut start, mut end) = (first, last);
    let wanted = if first == last { 4 } else { 2 };
    let mut added = 0;
    while added < wanted {
        if start > 1 {
            start -= 1;
            added += 1;
        }
        if end != lines.len() {
            end += 1;
            added += 1;
        }
        added += 1;
    }
    writeln!(formatter, "{}:{first}\n{RULE}", file.filename)?;
    for number in start..=end {
        let is_marked = |(start, end): &(usize, usize)| (*start..=*end).contains(&number);
        let mark = if marked.iter().any(is_marked) {
            ">>>"
        } else {
            "   "
        };
        writeln!(formatter, " {number:3} | {mark} {}", lines[number - 1])?;
    }
    writeln!(formatter, "{RULE}")
}

/// Go encodes a nil slice as null.
fn null_if_empty<S: Serializer>(
    warnings: &Vec<LintWarning>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Some(warnings)
        .filter(|warnings| !warnings.is_empty())
        .serialize(serializer)
}

fn files<S: Serializer>(files: &[SourceFile], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(files.iter().map(InfoJson::from))
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Range;

    use super::*;

    fn file(name: &str) -> SourceFile {
        SourceFile {
            filename: name.to_owned(),
            data: "a\nb\nc <&\n".into(),
            ..SourceFile::default()
        }
    }

    #[test]
    fn json_is_that_of_go() {
        let warning = LintWarning::new("Rule", "<detail>").at(Location::new([Range::line(2)]));
        let lint = Lint::default().source(file("f")).warning(warning);
        let expected = concat!(
            "{\n  \"warnings\": [\n    {\n      \"ruleName\": \"Rule\",\n",
            "      \"detail\": \"\\u003cdetail\\u003e\",\n      \"location\": {\n        \"ranges\": [\n          {\n",
            "            \"start\": {\n              \"line\": 2\n            },\n",
            "            \"end\": {\n              \"line\": 2\n            }\n          }\n        ]\n      }\n    }\n  ],\n",
            "  \"sources\": [\n    {\n      \"filename\": \"f\",\n      \"data\": \"YQpiCmMgPCYK\"\n    }\n  ]\n}",
        );
        assert_eq!(lint.answer().metadata("result.json").unwrap(), expected);
        let clean = Lint::default().source(file("f"));
        assert!(
            clean
                .answer()
                .metadata("result.json")
                .unwrap()
                .starts_with(b"{\n  \"warnings\": null,")
        );
        assert_eq!(clean.answer().metadata("result.statuscode").unwrap(), "0");
    }

    #[test]
    fn warnings_are_listed_by_file_and_line() {
        let at = |rule: &str, source, line| {
            LintWarning::new(rule, "d").at(Location::of_source(source, [Range::line(line)]))
        };
        let lint = Lint::default()
            .source(file("z"))
            .source(file("a"))
            .warning(at("last", 0, 3))
            .warning(at("second", 0, 1))
            .warning(at("first", 1, 9))
            .warning(LintWarning::new("nowhere", "d").at(Location::nowhere()));
        let text = lint.to_string();
        let rules: Vec<_> = (text
            .lines()
            .filter_map(|line| line.strip_prefix("WARNING: ")))
        .collect();
        assert_eq!(rules, ["nowhere", "first", "second", "last"]);
        // There is no line 9.
        assert!(!text.contains("a:9"));
        assert!(
            text.contains(
                "z:3\n--------------------\n   1 |     a\n   2 |     b\n   3 | >>> c <&\n"
            )
        );
    }
}
