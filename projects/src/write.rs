//! Writing of Stagefiles.

use std::fmt::{self, Write as _};

use stagefile_text::yaml;

/// A Stagefile that is being generated.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Comments after the first line.
    pub(crate) head: Vec<String>,
    /// Build arguments.
    pub(crate) args: Vec<Arg>,
    /// Lines below `secrets`.
    pub(crate) secrets: Vec<String>,
    /// The value of `defaults`.
    pub(crate) defaults: Option<String>,
    /// Blocks below `templates`.
    pub(crate) templates: Vec<Block>,
    /// The default target, if it isn't the last stage.
    pub(crate) target: Option<String>,
    /// The stages.
    pub(crate) stages: Vec<Block>,
}

/// A build argument.
#[derive(Debug)]
pub(crate) struct Arg {
    name: &'static str,
    default: String,
    values: Vec<String>,
    description: String,
    why: String,
}

/// A name with lines below it: a stage or a template.
#[derive(Debug)]
pub(crate) struct Block {
    name: String,
    comments: Vec<String>,
    lines: Vec<String>,
}

impl Arg {
    /// Creates an argument with its default and its description.
    pub(crate) fn new(
        name: &'static str,
        default: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        Self {
            name,
            default: literal(&default.into()),
            values: Vec::new(),
            description: description.into(),
            why: String::new(),
        }
    }

    /// Creates the argument that disables tests.
    pub(crate) fn test() -> Self {
        Self::new(
            "TEST",
            "on",
            "Whether there is an image only if the tests pass.",
        )
        .one_of(["on", "off"])
    }

    /// Sets the allowed values.
    pub(crate) fn one_of(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the reason for the value.
    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into().replace(char::is_control, " ");
        self
    }
}

/// The comment about tests.
pub(crate) const WITHOUT_TESTS: &str =
    "Nothing is built unless the tests pass; without them: --build-arg TEST=off";

/// The `requires` of a stage if tests can be disabled.
pub(crate) const REQUIRES_TESTS: &str = r#"requires: '${{ args.TEST == "on" ? ["test"] : [] }}'"#;

impl Block {
    /// Creates a block.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            comments: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Adds a comment above it.
    pub(crate) fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comments
            .push(comment.into().replace(char::is_control, " "));
        self
    }

    /// Adds a comment above it, if a condition holds.
    pub(crate) fn comment_if(self, is_so: bool, comment: &str) -> Self {
        if is_so { self.comment(comment) } else { self }
    }

    /// Adds lines, indented below the name.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.extend(line.into().lines().map(str::to_owned));
        self
    }

    /// Adds lines, if a condition holds.
    pub(crate) fn line_if(self, is_so: bool, line: impl Into<String>) -> Self {
        if is_so { self.line(line) } else { self }
    }

    /// Adds more lines.
    pub(crate) fn lines(self, lines: impl IntoIterator<Item = String>) -> Self {
        lines.into_iter().fold(self, Self::line)
    }

    /// Adds a mapping: on one line if it fits.
    pub(crate) fn mapping(self, key: &str, entries: &[(&str, String)]) -> Self {
        if entries.is_empty() {
            return self;
        }
        let flow: Vec<String> = entries
            .iter()
            .map(|(key, value)| format!("{key}: {}", in_flow(value)))
            .collect();
        let flow = format!("{key}: {{ {} }}", flow.join(", "));
        let is_short = flow.len() < 110 && !entries.iter().any(|(_, value)| value.contains("${{"));
        if is_short {
            return self.line(flow);
        }
        let mut block = self.line(format!("{key}:"));
        for (key, value) in entries {
            block = block.line(format!("  {key}: {value}"));
        }
        block
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comment in &self.comments {
            writeln!(formatter, "  # {comment}")?;
        }
        writeln!(formatter, "  {}:", self.name)?;
        for line in &self.lines {
            writeln!(formatter, "    {line}")?;
        }
        Ok(())
    }
}

/// Formats a value in a flow mapping, where expressions need quotes.
fn in_flow(written: &str) -> String {
    if written.starts_with("${{") {
        yaml::escaped(written)
    } else {
        written.to_owned()
    }
}

impl Document {
    /// Returns the text of the file.
    pub(crate) fn text(&self, frontend: &str) -> String {
        let mut text = format!("# syntax={frontend}\n");
        _ = write!(text, "{self}");
        text
    }
}

impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.head {
            let line = format!("# {}", line.replace(char::is_control, " "));
            writeln!(formatter, "{}", line.trim_end())?;
        }
        if !self.args.is_empty() {
            writeln!(formatter, "args:")?;
        }
        for arg in &self.args {
            let Arg {
                name,
                default,
                values,
                description,
                why,
            } = arg;
            write!(formatter, "  {name}: {{ default: {}", flow(default))?;
            if !values.is_empty() {
                write!(formatter, ", values: {}", list(values))?;
            }
            write!(formatter, ", description: {} }}", flow(description))?;
            if !why.is_empty() {
                write!(formatter, " # {why}")?;
            }
            writeln!(formatter)?;
        }
        if !self.secrets.is_empty() {
            writeln!(formatter, "\nsecrets:")?;
        }
        for line in &self.secrets {
            writeln!(formatter, "  {line}")?;
        }
        if let Some(defaults) = &self.defaults {
            writeln!(formatter, "\ndefaults: {defaults}")?;
        }
        if !self.templates.is_empty() {
            writeln!(formatter, "\ntemplates:")?;
        }
        for template in &self.templates {
            template.write(formatter)?;
        }
        if let Some(target) = &self.target {
            writeln!(formatter, "\ntarget: {target}")?;
        }
        writeln!(formatter, "\nstages:")?;
        for (index, stage) in self.stages.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            stage.write(formatter)?;
        }
        Ok(())
    }
}

/// Formats a scalar that is alone on its line.
pub(crate) fn scalar(text: &str) -> String {
    if yaml::is_plain(text)
        || text.starts_with("${{") && !text.contains(": ") && !text.contains(" #")
    {
        text.to_owned()
    } else {
        yaml::escaped(text)
    }
}

/// Formats a scalar in a flow collection.
pub(crate) fn flow(text: &str) -> String {
    if yaml::is_plain(text) && !text.contains([',', '[', ']', '{', '}']) {
        text.to_owned()
    } else {
        yaml::escaped(text)
    }
}

/// Formats a list on one line.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<String> = items.iter().map(|item| flow(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// Formats an external string so that it is valid anywhere on a line.
pub(crate) fn user(text: &str) -> String {
    flow(&literal(text))
}

/// Formats a list of external strings on one line.
pub(crate) fn user_list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<String> = items.iter().map(|item| literal(item.as_ref())).collect();
    list(&items)
}

/// Escapes an external string so that it isn't an expression of the language.
pub(crate) fn literal(text: &str) -> String {
    text.replace("${{", "$${{")
}

/// Converts a name to that of a stage: letters, digits and `-`, different from names that are
/// taken.
pub(crate) fn stage_name(name: &str, taken: &[&str]) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let letters = name.chars().map(|letter| {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    let name: String = letters.collect();
    let name = name.trim_matches('-');
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if !is_name || name == "scratch" || name == "context" || taken.contains(&name) {
        return "app".to_owned();
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stages() {
        for (name, expected) in [
            ("server", "server"),
            ("@acme/Web.App", "web-app"),
            ("build", "app"),
            ("2048", "app"),
            ("scratch", "app"),
            ("", "app"),
        ] {
            assert_eq!(stage_name(name, &["build"]), expected, "{name}");
        }
    }
}
