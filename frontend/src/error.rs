//! Errors that end a program.

use std::error::Error;

/// An error of any kind. Unlike other libraries' it takes no backtrace: the image's binary holds no tables to make one from.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// Says what was done when an error happened.
pub(crate) trait ResultExt<T> {
    /// Puts a message before the error's own.
    fn or_message(self, what: impl FnOnce() -> String) -> Result<T, AnyError>;
}

impl<T, E: Into<AnyError>> ResultExt<T> for Result<T, E> {
    fn or_message(self, what: impl FnOnce() -> String) -> Result<T, AnyError> {
        self.map_err(|error| format!("{}: {}", what(), error_chain(&*error.into())).into())
    }
}

/// Writes an error with what caused it, in one line.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words.join(": ")
}
