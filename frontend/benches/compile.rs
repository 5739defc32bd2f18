//! The cost of compiling a Stagefile, from its text to marshalled LLB, for several shapes and sizes.
//!
//! `cargo bench -p stagefile --bench compile` prints the table of [`harness`].

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod harness;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use buildkit_llb::Platform;
use stagefile::tools::llb::{self, Offline};
use stagefile_language::driver::check;
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

use harness::{CHAIN_OF_VARIABLES, Shape};

const SHAPES: [Shape; 3] = [
    ("fan-in", fan_in),
    ("chain", chain),
    (CHAIN_OF_VARIABLES, chain_of_variables),
];

/// All stages but the last start from one image; the last copies a file from each.
fn fan_in(stages: usize) -> String {
    let mut text = arguments(stages);
    for number in 0..stages - 1 {
        stage(&mut text, number, "alpine:3.20", "STAGE");
    }
    text.push_str("  app:\n    steps:\n");
    for number in 0..stages - 1 {
        _ = write!(
            text,
            "      - copy: /out/f{number}\n        from: s{number}\n        to: /\n"
        );
    }
    text
}

/// Each stage starts from the one before, and sets the same variable again.
fn chain(stages: usize) -> String {
    chain_of(stages, |_| "STAGE".to_owned())
}

/// Each stage starts from the one before, and adds a variable.
fn chain_of_variables(stages: usize) -> String {
    chain_of(stages, |number| format!("STAGE{number}"))
}

fn chain_of(stages: usize, variable: impl Fn(usize) -> String) -> String {
    let mut text = arguments(stages);
    for number in 0..stages {
        let from = match number.checked_sub(1) {
            None => "alpine:3.20".to_owned(),
            Some(before) => format!("s{before}"),
        };
        stage(&mut text, number, &from, &variable(number));
    }
    text
}

fn arguments(stages: usize) -> String {
    let mut text = "args:\n".to_owned();
    for number in 0..stages {
        _ = writeln!(text, "  A{number}: \"{number}\"");
    }
    text.push_str("stages:\n");
    text
}

fn stage(text: &mut String, number: usize, from: &str, variable: &str) {
    _ = write!(
        text,
        "  s{number}:
    from: {from}
    workdir: /src
    env: {{ {variable}: \"${{{{ args.A{number} }}}}\" }}
    steps:
      - copy: f{number}
      - run: make f{number}
"
    );
}

/// Compiles a file, and returns the number of operations.
fn compile(text: &str, request: &Request) -> usize {
    let checked = check(&Source::new("Stagefile", text), request);
    let plan = checked.plan.as_ref().expect("the file has stages");
    let offline = Offline::new(Platform::new("linux", "amd64"));
    let (definition, _) =
        llb::lower(plan, &checked.sources, &offline).expect("the file has no mistakes");
    definition.operations().len()
}

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

fn main() {
    let request = request();
    harness::measure(&SHAPES, |text| compile(text, &request), None);
}
