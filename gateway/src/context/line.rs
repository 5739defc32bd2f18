//! Lines of the frontend's own file, for languages with one statement per line.

use buildkit_llb::{Constrain, Range};

use super::entrypoint::Entrypoint;
use crate::failure::{Failure, SourcePosition};

/// A line of the frontend's file: a word, and the text after it.
///
/// Mistakes, errors of the daemon, and operations are tied to the line that they come from.
///
/// ```
/// use buildkit_gateway::context::Line;
/// use buildkit_gateway::{Client, Failure};
/// use buildkit_llb::{Exec, Platform, ResolveMode, State};
///
/// async fn step(client: &Client, line: &Line<'_>, platform: &Platform, state: State) -> Result<State, Failure> {
///     match line.word() {
///         "from" => {
///             let base = line.at(client.resolve_base(line.rest(), platform, ResolveMode::Default).await)?;
///             line.at(line.locate(base).into_state())
///         }
///         "run" => Ok(state.run(line.locate(Exec::shell(line.rest()))).root()),
///         word => Err(line.mistake(format!("there is no word `{word}`"))),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    file: &'a Entrypoint,
    number: i32,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// Returns the line's text, trimmed.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the first word.
    pub fn word(&self) -> &'a str {
        self.text.split_whitespace().next().unwrap_or_default()
    }

    /// Returns the text after the first word, trimmed; it may be empty.
    pub fn rest(&self) -> &'a str {
        self.text[self.word().len()..].trim_start()
    }

    /// Returns the line as a range of its file.
    pub fn range(&self) -> Range {
        Range::line(self.number)
    }

    /// Returns the line's position, for errors and warnings.
    pub fn position(&self) -> SourcePosition {
        self.file.lines(self.number, self.number)
    }

    /// Creates an error about the line.
    pub fn mistake(&self, message: impl Into<String>) -> Failure {
        Failure::new(message).at(&self.position())
    }

    /// Adds the line's position to an error, unless it has one.
    pub fn at<T>(&self, result: Result<T, impl Into<Failure>>) -> Result<T, Failure> {
        result.map_err(|failure| failure.into().at_if_unlocated(&self.position()))
    }

    /// Names an operation after the line's text, and sets its location, so that clients show the line if the
    /// operation fails.
    pub fn locate<T: Constrain>(&self, operation: T) -> T {
        let operation = operation.named(self.text);
        operation.located(self.file.source_map(), [self.range()])
    }
}

impl Entrypoint {
    /// Returns the lines of the file, without those that are empty or begin with `#`.
    pub fn statements(&self) -> Result<Vec<Line<'_>>, Failure> {
        let text = str::from_utf8(self.text()).map_err(|error| {
            let place = SourcePosition::from_file(self.source_map().file().clone());
            let at = error.valid_up_to();
            Failure::new("this isn't UTF-8").at(&place.bytes(at..at))
        })?;
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
        let lines = lines.map(|(number, text)| Line {
            file: self,
            number,
            text,
        });
        Ok(lines.collect())
    }
}
