//! Errors as BuildKit transports them: a message, a code, and details.

mod code;
mod detail;
mod graph;
mod solve;
mod source_position;

use std::fmt;

use buildkit_llb::Digest;
use buildkit_proto::status::Status;
use prost::Message;

pub use code::Code;
pub use detail::Detail;
pub use solve::SolveFailure;
pub use source_position::SourcePosition;
pub(crate) use source_position::{InfoJson, RangeJson};

use detail::{RawDetail, details_of};

/// An error of a build: one that the daemon sent, or one that this frontend returns.
///
/// Both have the same type, because an error is usually passed on. Details are kept in their
/// original form, so that nothing is lost on the way to the client, even if this crate doesn't know
/// it.
///
/// ```
/// use buildkit_gateway::{Failure, SourcePosition};
///
/// let file = "stages:\n  app: {form: alpine}\n";
/// let failure = Failure::new("unknown key `form`; did you mean `from`?")
///     .at(&SourcePosition::new("Stagefile", "YAML", file).lines(2, 2));
/// assert_eq!(failure.positions().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Failure {
    code: Code,
    message: String,
    details: Vec<RawDetail>,
}

impl Failure {
    /// Creates an error with the code [`Code::Unknown`].
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: Code::Unknown,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// Creates the answer to a subrequest (the option `requestid`) that this frontend doesn't
    /// support.
    ///
    /// Clients probe with subrequests, and distinguish this answer from a failure by its detail.
    pub fn unsupported_subrequest(name: &str) -> Self {
        let failure = Self::new(format!("unsupported request {name}"));
        failure.with(RawDetail::subrequest(name))
    }

    /// Creates the answer to a request for a frontend capability (the option `frontend.caps`) that
    /// this frontend lacks.
    pub fn unsupported_frontend_capability(name: &str) -> Self {
        let failure = Self::new(format!("unsupported frontend capability {name}"));
        failure
            .with_code(Code::Unimplemented)
            .with(RawDetail::frontend_capability(name))
    }

    /// Sets the code.
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// Prepends text to the message, separated by a colon.
    pub fn context(mut self, words: impl fmt::Display) -> Self {
        self.message = format!("{words}: {}", self.message);
        self
    }

    /// Appends text to the message, separated by a semicolon.
    pub fn note(mut self, words: impl fmt::Display) -> Self {
        self.message = format!("{}; {words}", self.message);
        self
    }

    /// Adds a position in the user's files. Clients show all of them, in the order in which they
    /// were added.
    pub fn at(self, position: &SourcePosition) -> Self {
        self.with(RawDetail::source(position))
    }

    /// Adds a position only if the error has none yet.
    pub fn at_if_unlocated(self, position: &SourcePosition) -> Self {
        if self.positions().next().is_some() {
            self
        } else {
            self.at(position)
        }
    }

    /// Adds the digest of the vertex that failed.
    pub fn with_vertex(self, digest: Digest) -> Self {
        self.with(RawDetail::vertex(digest))
    }

    /// Adds the content that the mounts of an exec operation had when it failed, as IDs for
    /// [`ContainerRequest::from_failure`](crate::container::ContainerRequest::from_failure). A daemon
    /// does this itself; this method is for testing code that uses it.
    pub fn with_kept_mounts<Id: Into<String>>(self, ids: impl IntoIterator<Item = Id>) -> Self {
        let ids = ids.into_iter().map(Into::into).collect();
        self.with(RawDetail::kept_mounts(ids))
    }

    /// Adds the exit code of a process.
    pub fn with_exit_code(self, code: u32) -> Self {
        self.with(RawDetail::exit_code(code))
    }

    fn with(mut self, detail: Option<RawDetail>) -> Self {
        self.details.extend(detail);
        self
    }

    /// Replaces the message.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Returns the code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Iterates over the details.
    pub fn details(&self) -> impl Iterator<Item = Detail> + '_ {
        self.details.iter().map(RawDetail::decode)
    }

    /// Iterates over the positions in the user's files.
    pub fn positions(&self) -> impl Iterator<Item = SourcePosition> + '_ {
        self.details().filter_map(|detail| match detail {
            Detail::Source(position) => Some(position),
            _ => None,
        })
    }

    /// Returns the digest of the vertex that failed.
    pub fn vertex(&self) -> Option<Digest> {
        self.details().find_map(|detail| match detail {
            Detail::Vertex(digest) => Some(digest),
            _ => None,
        })
    }

    /// Returns the name of the subrequest that a nested frontend doesn't support.
    pub fn subrequest(&self) -> Option<String> {
        self.details().find_map(|detail| match detail {
            Detail::Subrequest(name) => Some(name),
            _ => None,
        })
    }

    /// Returns what the daemon kept of the vertex that failed.
    pub fn solve(&self) -> Option<SolveFailure> {
        self.details().find_map(|detail| match detail {
            Detail::Solve(solve) => Some(*solve),
            _ => None,
        })
    }

    /// Returns the exit code of a container's process.
    pub fn exit_code(&self) -> Option<u32> {
        self.details().find_map(|detail| match detail {
            Detail::ExitCode(code) => Some(code),
            _ => None,
        })
    }

    /// Reports whether the error is that a file or directory doesn't exist. Daemons send this only
    /// as text.
    pub fn is_not_found(&self) -> bool {
        const TEXTS: [&str; 3] = [
            "no such file or directory",
            "The system cannot find the file specified.",
            "The system cannot find the path specified.",
        ];
        self.code == Code::NotFound || TEXTS.iter().any(|text| self.message.ends_with(text))
    }

    /// Converts an error of a call: its code and message, and an encoded status with the details.
    pub(crate) fn from_wire(code: i32, message: &str, status: &[u8]) -> Self {
        let details = Status::decode(status).map(details_of).unwrap_or_default();
        Self {
            code: Code::from_wire(code),
            message: message.to_owned(),
            details,
        }
    }

    /// Converts an error that is part of a message.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn from_status(status: Status) -> Self {
        Self {
            code: Code::from_wire(status.code),
            message: status.message.clone(),
            details: details_of(status),
        }
    }

    /// Encodes the error.
    ///
    /// The details are written in reverse order: a reader wraps the error in each detail in the
    /// order of arrival, and sends them on starting with the outermost, so each hop reverses them.
    /// There is one hop on the way to a client, the daemon.
    pub(crate) fn into_status(self) -> Status {
        let details = self.details.into_iter().rev();
        Status {
            code: self.code.to_wire(),
            message: self.message,
            details: details
                .map(|detail| prost_types::Any {
                    type_url: detail.type_url,
                    value: detail.json.into(),
                })
                .collect(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<crate::image_config::ImageConfigError> for Failure {
    fn from(error: crate::image_config::ImageConfigError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(kind: &str, json: &str) -> prost_types::Any {
        prost_types::Any {
            type_url: format!("github.com/moby/buildkit/{kind}+json"),
            value: json.as_bytes().to_vec(),
        }
    }

    #[test]
    fn details_are_understood() {
        let vertex = Digest::of(b"");
        let status = Status {
            code: 2,
            message: "process \"make\" did not complete successfully: exit code: 3".to_owned(),
            details: vec![
                any("errdefs.Vertex", &format!(r#"{{"digest":"{vertex}"}}"#)),
                any("errdefs.Source", r#"{"info":{"filename":"f"}}"#),
                any(
                    "errdefs.Frontend",
                    r#"{"name":"gateway.v0","source":"img"}"#,
                ),
                any("errdefs.Solve", r#"{"mountIDs":["m"]}"#),
                any("gatewayapi.ExitMessage", r#"{"Code":3}"#),
                any("errdefs.Subrequest", r#"{"name":"frontend.x"}"#),
                any("errdefs.FrontendCap", r#"{"name":"c"}"#),
                any("stack.Stack", r#"{"frames":[]}"#),
                any("errdefs.Vertex", "not JSON"),
            ],
        };
        let failure = Failure::from_status(status);
        assert_eq!(failure.vertex(), Some(vertex));
        assert_eq!(failure.positions().next().unwrap().file.filename, "f");
        assert_eq!(failure.solve().unwrap().mount_ids, ["m"]);
        assert_eq!(failure.exit_code(), Some(3));
        assert_eq!(failure.subrequest().unwrap(), "frontend.x");
        let frontend = Detail::Frontend {
            name: "gateway.v0".into(),
            source: "img".into(),
        };
        assert!(failure.details().any(|detail| detail == frontend));
        assert!(
            failure
                .details()
                .any(|detail| detail == Detail::FrontendCapability("c".into()))
        );
        let others = failure
            .details()
            .filter(|detail| matches!(detail, Detail::Other { .. }));
        assert_eq!(others.count(), 2);
    }

    #[test]
    fn unknown_details_are_handed_on_unharmed() {
        let sent = Status {
            code: 13,
            message: "m".to_owned(),
            details: vec![
                any("errdefs.Source", r#"{"info":{"filename":"f"},"added":[1]}"#),
                prost_types::Any {
                    type_url: "example.com/Thing".to_owned(),
                    value: vec![0, 255],
                },
            ],
        };
        let mut received = Failure::from_status(sent.clone()).into_status();
        received.details.reverse();
        assert_eq!(received, sent);
    }

    #[test]
    fn a_client_shows_positions_in_the_order_of_adding() {
        let position = |name: &str| SourcePosition::new(name, "", "").lines(1, 1);
        let failure = Failure::new("m")
            .at(&position("first"))
            .at(&position("second"));
        // The daemon decodes the error, and encodes it again for the client.
        let at_daemon = Failure::from_status(failure.into_status());
        let at_client = Failure::from_status(at_daemon.into_status());
        let names: Vec<_> = at_client.positions().map(|at| at.file.filename).collect();
        assert_eq!(names, ["first", "second"]);
    }

    #[test]
    fn positions_are_not_doubled() {
        let position = SourcePosition::new("f", "", "").lines(1, 1);
        let failure = Failure::new("m")
            .at_if_unlocated(&position)
            .at_if_unlocated(&position);
        assert_eq!(failure.positions().count(), 1);
    }

    #[test]
    fn probing_requests_are_answered_as_go_answers() {
        let failure = Failure::unsupported_subrequest("frontend.x");
        assert_eq!(failure.message(), "unsupported request frontend.x");
        assert_eq!(failure.code(), Code::Unknown);
        assert_eq!(
            failure.into_status().details,
            [any("errdefs.Subrequest", r#"{"name":"frontend.x"}"#)]
        );
    }

    #[test]
    fn tells_what_is_not_there() {
        assert!(Failure::new("open x: no such file or directory").is_not_found());
        assert!(Failure::new("m").with_code(Code::NotFound).is_not_found());
        assert!(!Failure::new("no such file or directory in sight").is_not_found());
    }
}
