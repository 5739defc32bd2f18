//! Questions that clients ask in place of a build (`docker buildx build --call NAME`), with typed answers.
//!
//! Each answer holds JSON for programs and text for people, both laid out as Docker's own frontend does it, since clients
//! print them and take them apart. What an answer doesn't say is left out.
//!
//! | `--call` | request | answer |
//! |---|---|---|
//! | `check` | [`LINT`] | [`Lint`] |
//! | `outline` | [`OUTLINE`] | [`Outline`] |
//! | `targets` | [`TARGETS`] | [`Targets`] |
//! | `subrequests.describe` | [`DESCRIBE`] | [`Description`] |
//!
//! [`Answers`] finds the one that is asked for, and refuses the rest; a frontend without answers [`refuse`]s all.

mod answers;
mod description;
mod lint;
mod outline;
mod table;
mod targets;

use buildkit_llb::Range;
use serde::Serialize;

pub use answers::{Answers, refuse};
pub use description::{Description, Question};
pub use lint::{Lint, LintError, LintWarning};
pub use outline::{Outline, OutlineArgument, OutlineCache, OutlineSecret};
pub use table::table;
pub use targets::{Target, Targets};

use crate::build_result::BuildResult;
use crate::failure::RangeJson;

/// What is wrong with the file.
pub const LINT: &str = "frontend.lint";
/// What a target takes from the client.
pub const OUTLINE: &str = "frontend.outline";
/// What may be built.
pub const TARGETS: &str = "frontend.targets";
/// Which questions can be asked.
pub const DESCRIBE: &str = "frontend.subrequests.describe";

/// The version of all these answers.
pub const VERSION: &str = "1.0.0";

/// A place in one of an answer's sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Which of the sources, counted from 0; -1 is none.
    #[serde(rename = "sourceIndex", skip_serializing_if = "is_zero")]
    pub source: i32,
    /// The ranges in it.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "ranges")]
    pub ranges: Vec<Range>,
}

impl Location {
    /// Names ranges of the first source, which is the frontend's own file.
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Self {
        Self::of_source(0, ranges)
    }

    /// Names ranges of any source.
    pub fn of_source(source: i32, ranges: impl IntoIterator<Item = Range>) -> Self {
        Self {
            source,
            ranges: ranges.into_iter().collect(),
        }
    }

    /// Names no source at all.
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

/// Makes an answer of what is serialized and of what is displayed.
fn answer<T: Serialize + std::fmt::Display>(value: &T) -> BuildResult {
    // None of the answers can fail to be JSON, which has these characters in strings only; Go escapes them for HTML.
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
    BuildResult::answer(json, value.to_string(), VERSION)
}

/// Files as an answer has them: in Base64.
fn texts<S: serde::Serializer>(files: &[bytes::Bytes], serializer: S) -> Result<S::Ok, S::Error> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    serializer.collect_seq(files.iter().map(|file| STANDARD.encode(file)))
}
