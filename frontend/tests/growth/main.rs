//! What a file costs grows with the file: reading, planning and lowering one that is four times as large allocates about four
//! times as much, whichever key is written long; and what a few lines stand for is limited, wherever something is copied.
//!
//! Bytes that are allocated are counted, not time, so that the machine has no say.

mod copies;
#[path = "../counting/mod.rs"]
mod counting;
mod keys;
#[path = "../placement/mod.rs"]
mod placement;
mod search;

use std::collections::BTreeSet;

use buildkit_llb::Platform;
use counting::{Cost, measured};
use stagefile::tools::check::lowered;
use stagefile_language::driver::check_reading;
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

/// How many values a key has, and how many times as many.
const SMALL: usize = 200;
const TIMES: usize = 4;
/// How many things look for one another: more than a suggestion looks at.
const SOME: usize = 220;

/// How much more than so many times as much may be allocated: tables grow by doubling.
const SLACK_PERCENT: usize = 150;

/// Reads, plans and lowers a file; every file that it imports has the same text. Returns the codes of the errors.
fn check(text: &str, imported: &str) -> (BTreeSet<&'static str>, Cost) {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    };
    let source = Source::new("Stagefile", text);
    measured(|| {
        let checked = lowered(check_reading(
            &source,
            &request,
            |_| Ok(imported.to_owned()),
        ));
        let report = checked.report();
        assert!(report.len() < 1 << 20, "a report of {} bytes", report.len());
        let errors = checked.found.errors();
        errors.iter().map(|error| error.code.name).collect()
    })
}

/// Tells whether what is so many times as large costs clearly more than so many times as much.
fn grows_faster(small: Cost, large: Cost) -> bool {
    100 * large.allocated > SLACK_PERCENT * TIMES * small.allocated
}

/// Repeats a line with its number.
fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}
