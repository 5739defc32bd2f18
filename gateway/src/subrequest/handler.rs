//! The subrequests that a frontend supports.

use super::{DESCRIBE, Description, LINT, Lint, OUTLINE, Outline, TARGETS, Targets};
use crate::build_result::BuildResult;
use crate::failure::Failure;
use crate::options::Options;

/// Refuses all subrequests, for frontends that support none.
pub fn reject_all(options: &Options) -> Result<(), Failure> {
    SubrequestHandler::new(options).finish().map(|_| ())
}

/// The subrequests that a frontend supports, with their answers. Only the requested answer is computed. [`DESCRIBE`] lists
/// the subrequests added here, and all others are refused in the way that clients expect.
///
/// ```
/// use buildkit_gateway::subrequest::{SubrequestHandler, Target, Targets};
/// use buildkit_gateway::{BuildResult, Failure, Options};
///
/// fn answer(options: &Options) -> Result<Option<BuildResult>, Failure> {
///     let app = Target::new("app").description("the program").as_default();
///     SubrequestHandler::new(options).targets(|| Ok(Targets::default().target(app))).finish()
/// }
/// let options = Options::parse([("requestid", "frontend.targets")])?;
/// let text = "TARGET        DESCRIPTION\napp (default) the program\n";
/// assert_eq!(answer(&options)?.unwrap().metadata("result.txt").unwrap(), text);
/// assert_eq!(answer(&Options::default())?, None);
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct SubrequestHandler<'a> {
    request: Option<&'a str>,
    known: Vec<&'static str>,
    answer: Option<Result<BuildResult, Failure>>,
}

impl<'a> SubrequestHandler<'a> {
    /// Creates a value without answers, for the client's options.
    pub fn new(options: &'a Options) -> Self {
        Self {
            request: options.request.as_deref(),
            known: Vec::new(),
            answer: None,
        }
    }

    /// Answers [`LINT`].
    pub fn lint(self, answer: impl FnOnce() -> Result<Lint, Failure>) -> Self {
        self.subrequest(LINT, || Ok(answer()?.answer()))
    }

    /// Answers [`OUTLINE`].
    pub fn outline(self, answer: impl FnOnce() -> Result<Outline, Failure>) -> Self {
        self.subrequest(OUTLINE, || Ok(answer()?.answer()))
    }

    /// Answers [`TARGETS`].
    pub fn targets(self, answer: impl FnOnce() -> Result<Targets, Failure>) -> Self {
        self.subrequest(TARGETS, || Ok(answer()?.answer()))
    }

    /// Answers a subrequest with any name.
    pub fn subrequest(
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

    /// Returns the answer; `None` if the client requests a build.
    pub fn finish(self) -> Result<Option<BuildResult>, Failure> {
        match (self.request, self.answer) {
            (None, _) => Ok(None),
            (Some(_), Some(answer)) => answer.map(Some),
            (Some(DESCRIBE), None) if !self.known.is_empty() => {
                Ok(Some(Description::from_names(self.known).answer()))
            }
            (Some(other), None) => Err(Failure::unsupported_subrequest(other)),
        }
    }
}
