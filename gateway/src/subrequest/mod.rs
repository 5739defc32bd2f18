//! Subrequests: requests other than a build (`docker buildx build --call NAME`), with typed answers.
//!
//! Each answer contains JSON for programs and text for people, both in the format of Docker's own frontend, since clients
//! print and parse them. Empty fields are left out.
//!
//! | `--call` | request | answer |
//! |---|---|---|
//! | `check` | [`LINT`] | [`Lint`] |
//! | `outline` | [`OUTLINE`] | [`Outline`] |
//! | `targets` | [`TARGETS`] | [`Targets`] |
//! | `subrequests.describe` | [`DESCRIBE`] | [`Description`] |
//!
//! [`SubrequestHandler`] selects the requested answer and refuses other subrequests; [`reject_all`] refuses all of them.

mod description;
mod handler;
mod lint;
mod outline;
mod table;
mod targets;

use buildkit_llb::Range;
use serde::Serialize;

pub use description::{Description, Subrequest};
pub use handler::{SubrequestHandler, reject_all};
pub use lint::{Lint, LintError, LintWarning};
pub use outline::{Outline, OutlineArgument, OutlineCache, OutlineSecret};
pub use table::table;
pub use targets::{Target, Targets};

use crate::build_result::BuildResult;
use crate::failure::RangeJson;

/// Reports what is wrong with the file.
pub const LINT: &str = "frontend.lint";
/// Lists the arguments, secrets and so on that a target takes from the client.
pub const OUTLINE: &str = "frontend.outline";
/// Lists the targets.
pub const TARGETS: &str = "frontend.targets";
/// Lists the supported subrequests.
pub const DESCRIBE: &str = "frontend.subrequests.describe";

/// The version of all these answers.
pub const VERSION: &str = "1.0.0";

/// A location in one of an answer's sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The index of the source, from 0; -1 if there is none.
    #[serde(rename = "sourceIndex", skip_serializing_if = "is_zero")]
    pub source: i32,
    /// The ranges in it.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "ranges")]
    pub ranges: Vec<Range>,
}

impl Location {
    /// Creates a location in the first source, which is the frontend's own file.
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Self {
        Self::of_source(0, ranges)
    }

    /// Creates a location in any source.
    pub fn of_source(source: i32, ranges: impl IntoIterator<Item = Range>) -> Self {
        Self {
            source,
            ranges: ranges.into_iter().collect(),
        }
    }

    /// Creates a location without a source.
    pub fn nowhere() -> Self {
        Self::of_source(-1, [])
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

fn ranges<S: serde::Serializer>(ranges: &[Range], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ranges.iter().map(|&range| RangeJson::from(range)))
}

/// Creates an answer from a value that can be serialized and displayed.
fn answer<T: Serialize + std::fmt::Display>(value: &T) -> BuildResult {
    // The answers can always be serialized. These characters occur only in strings; Go escapes them for HTML.
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    let json = [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ]
    .iter()
    .fold(json, |json, (character, escape)| {
        json.replace(*character, escape)
    });
    BuildResult::subrequest_answer(json, value.to_string(), VERSION)
}

/// Serializes files as in an answer: in Base64.
fn texts<S: serde::Serializer>(files: &[bytes::Bytes], serializer: S) -> Result<S::Ok, S::Error> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    serializer.collect_seq(files.iter().map(|file| STANDARD.encode(file)))
}
