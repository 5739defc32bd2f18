//! Errors that end a program.

use std::error::Error;

/// An error of any kind. Unlike the types of other libraries it captures no backtrace: the image's binary has no tables
/// for that.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// Adds to an error what was being done.
pub(crate) trait ResultExt<T> {
    /// Puts a message before the error.
    fn or_message(self, what: impl FnOnce() -> String) -> Result<T, AnyError>;
}

impl<T, E: Into<AnyError>> ResultExt<T> for Result<T, E> {
    fn or_message(self, what: impl FnOnce() -> String) -> Result<T, AnyError> {
        self.map_err(|error| format!("{}: {}", what(), error_chain(&*error.into())).into())
    }
}

/// Formats an error with its causes, on one line.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words.join(": ")
}
