//! Which of its questions a frontend answers.

use super::{DESCRIBE, Description, LINT, Lint, OUTLINE, Outline, TARGETS, Targets};
use crate::build_result::BuildResult;
use crate::failure::Failure;
use crate::options::Options;

/// Refuses whatever the client asks in place of a build: for frontends without answers.
pub fn refuse(options: &Options) -> Result<(), Failure> {
    Answers::to(options).finish().map(|_| ())
}

/// The answers that a frontend has to what clients ask in place of a build. Only the one that is asked for is made; what is
/// listed here is what [`DESCRIBE`] lists, and everything else is refused in the way that clients understand.
///
/// ```
/// use buildkit_gateway::subrequest::{Answers, Target, Targets};
/// use buildkit_gateway::{BuildResult, Failure, Options};
///
/// fn answer(options: &Options) -> Result<Option<BuildResult>, Failure> {
///     let app = Target::new("app").description("the program").as_default();
///     Answers::to(options).targets(|| Ok(Targets::default().target(app))).finish()
/// }
/// let options = Options::parse([("requestid", "frontend.targets")])?;
/// let text = "TARGET        DESCRIPTION\napp (default) the program\n";
/// assert_eq!(answer(&options)?.unwrap().metadata("result.txt").unwrap(), text);
/// assert_eq!(answer(&Options::default())?, None);
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Answers<'a> {
    request: Option<&'a str>,
    known: Vec<&'static str>,
    answer: Option<Result<BuildResult, Failure>>,
}

impl<'a> Answers<'a> {
    /// Begins with no answers to what the client may ask.
    pub fn to(options: &'a Options) -> Self {
        Self {
            request: options.request.as_deref(),
            known: Vec::new(),
            answer: None,
        }
    }

    /// Answers [`LINT`].
    pub fn lint(self, answer: impl FnOnce() -> Result<Lint, Failure>) -> Self {
        self.question(LINT, || Ok(answer()?.answer()))
    }

    /// Answers [`OUTLINE`].
    pub fn outline(self, answer: impl FnOnce() -> Result<Outline, Failure>) -> Self {
        self.question(OUTLINE, || Ok(answer()?.answer()))
    }

    /// Answers [`TARGETS`].
    pub fn targets(self, answer: impl FnOnce() -> Result<Targets, Failure>) -> Self {
        self.question(TARGETS, || Ok(answer()?.answer()))
    }

    /// Answers a question by its name.
    pub fn question(
        mut self,
        name: &'static str,
        answer: impl FnOnce() -> Result<BuildResult, Failure>,
    ) -> Self {
        self.known.push(name);
        if self.request == Some(name) {
            self.answer = Some(answer());
        }
        self
    }

    /// Gives the answer; none if a build is wanted.
    pub fn finish(self) -> Result<Option<BuildResult>, Failure> {
        match (self.request, self.answer) {
            (None, _) => Ok(None),
            (Some(_), Some(answer)) => answer.map(Some),
            (Some(DESCRIBE), None) if !self.known.is_empty() => {
                Ok(Some(Description::of(self.known).answer()))
            }
            (Some(other), None) => Err(Failure::unsupported_subrequest(other)),
        }
    }
}
