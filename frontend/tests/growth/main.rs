//! The cost of a file is linear in its size: reading, planning and lowering one that is four times as large allocates
//! about four times as much, whichever key has a long value. What a few lines expand to is limited, wherever something
//! is copied.
//!
//! The tests count allocated bytes instead of time, so the results don't depend on the machine.

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

/// The number of values in the small file, and the factor for the large one.
const SMALL: usize = 200;
const TIMES: usize = 4;
/// The number of things that look for one another: more than suggestions consider.
const SOME: usize = 220;

/// The percentage of the proportional cost that may be allocated: tables grow by doubling.
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

/// Tells whether the cost grows clearly faster than the size.
fn grows_faster(small: Cost, large: Cost) -> bool {
    100 * large.allocated > SLACK_PERCENT * TIMES * small.allocated
}

/// Repeats a line with its number.
fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}
