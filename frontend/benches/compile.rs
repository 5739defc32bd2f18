//! What compiling costs: from the text of a file to marshalled LLB, for several shapes and sizes.
//!
//! `cargo bench -p stagefile` prints a table; `-- SHAPE` measures one shape, and `-- --quick` leaves out the largest
//! size. Time is the median of several runs. It is the processor's time where Linux tells, so that other work on the
//! machine counts less. The last column compares a stage's cost with that in the smallest file of 100 stages or more: it
//! stays near 1 where cost is linear.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use buildkit_llb::Platform;
use stagefile::tools::llb::{self, Offline};
use stagefile_language::driver::check;
use stagefile_language::expression::Platforms;
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

/// A shape of files: its name, and how to write one with so many stages.
type Shape = (&'static str, fn(usize) -> String);

const SHAPES: [Shape; 3] = [
    ("fan-in", fan_in),
    ("chain", chain),
    ("chain with a variable each", chain_of_variables),
];

/// The sizes, in stages.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// How many stages a chain with ever more variables may have: each script has all of them, so that the graph itself
/// grows with their square.
const MOST_VARIABLES: usize = 1_000;

/// How often time is measured; the median counts.
const SERIES: usize = 5;

/// How many stages a measurement compiles at least: the clock ticks slowly.
const SERIES_STAGES: usize = 2_000;

/// All stages but the last start from one image; the last takes a file of each.
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

/// Each stage starts from the one before, and sets the same variable anew.
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
        args: [].into(),
        target: None,
        platforms: Platforms {
            target: platform.clone(),
            build: platform,
        },
        contexts: Some(BTreeSet::new()),
    }
}

/// Measures how long compiling a file takes; returns the number of operations too.
fn measure(text: &str, stages: usize) -> (Duration, usize) {
    let request = request();
    let operations = compile(text, &request);
    let mut times: Vec<Duration> = (0..SERIES)
        .map(|_| {
            let repetitions = u32::try_from(SERIES_STAGES / stages).unwrap_or(0).max(1);
            let start = Clock::start();
            for _ in 0..repetitions {
                compile(text, &request);
            }
            start.elapsed() / repetitions
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], operations)
}

/// A point in time, from which time is counted.
struct Clock {
    wall: Instant,
    processor: Option<Duration>,
}

impl Clock {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            processor: Self::processor(),
        }
    }

    fn elapsed(&self) -> Duration {
        match (self.processor, Self::processor()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => self.wall.elapsed(),
        }
    }

    /// Returns how long this thread has run so far.
    fn processor() -> Option<Duration> {
        let statistics = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let nanoseconds = statistics.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are for people")]
fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    println!("| shape | stages | operations | time | time a stage | ratio |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, shape) in SHAPES {
        if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let mut first = None;
        for stages in SIZES {
            let too_many = name == "chain with a variable each" && stages > MOST_VARIABLES;
            if too_many || quick && stages > 1_000 {
                continue;
            }
            let (time, operations) = measure(&shape(stages), stages);
            let each = time.as_secs_f64() * 1e6 / stages as f64;
            if stages >= 100 {
                first.get_or_insert(each);
            }
            let ratio = first.map_or_else(String::new, |first| format!("{:.2}", each / first));
            println!(
                "| {name} | {stages} | {operations} | {:.2} ms | {each:.1} µs | {ratio} |",
                time.as_secs_f64() * 1e3,
            );
        }
    }
}
