//! What compiling costs: from the text of a Dockerfile to marshalled LLB and the image's config, for several shapes and sizes.
//!
//! `cargo bench -p stagefile-dockerfile` prints a table; `-- SHAPE` measures one shape, and `-- --quick` leaves out the
//! largest size. Time is the median of several runs, of the processor where Linux tells, so that other work on the machine
//! counts less. The column `ratio` compares a stage's cost with that in the smallest file of 100 stages or more: it stays
//! near 1 where cost is linear.
//!
//! `DOCKERFILE_COMPILER` names another compiler to measure on the same texts in the same run: a program that takes a file and
//! a number, compiles the file so many times, and prints the processor's time of one in nanoseconds. The last column is how
//! many times as long it takes. It is asked only for files that both compile in reasonable time, of up to 100 stages.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use buildkit_dockerfile::{
    Answer, Conversion, Dockerfile, LintConfig, Need, Request, ResolvedImage,
};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Constrain as _, Local, MarshalOptions, Platform, SourceMap, Support};

/// A shape of files: its name, and how to write one of a size.
type Shape = (&'static str, fn(usize) -> String);

const SHAPES: [Shape; 4] = [
    ("fan-in", fan_in),
    ("chain", chain),
    ("chain with a variable each", chain_of_variables),
    ("one stage of many steps", steps),
];

/// The sizes, in stages or steps.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// How many stages a chain with ever more variables may have: each script has all of them, so that the graph itself
/// grows with their square.
const MOST_VARIABLES: usize = 1_000;

/// Up to which size another compiler is asked.
const MOST_OF_OTHERS: usize = 100;

/// How often time is measured; the median counts.
const SERIES: usize = 5;

/// How many stages a measurement compiles at least: the clock ticks slowly.
const SERIES_STAGES: usize = 2_000;

fn stage(text: &mut String, number: usize, from: &str, variable: &str) {
    _ = write!(
        text,
        "FROM {from} AS s{number}\nWORKDIR /src\nENV {variable}=v{number}\nCOPY f{number} .\nRUN make f{number}\n"
    );
}

/// All stages but the last start from one image; the last takes a file of each.
fn fan_in(stages: usize) -> String {
    let mut text = String::new();
    for number in 0..stages - 1 {
        stage(&mut text, number, "alpine:3.20", "STAGE");
    }
    text.push_str("FROM scratch\n");
    for number in 0..stages - 1 {
        _ = writeln!(text, "COPY --from=s{number} /out/f{number} /");
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
    let mut text = String::new();
    for number in 0..stages {
        let from = match number.checked_sub(1) {
            None => "alpine:3.20".to_owned(),
            Some(before) => format!("s{before}"),
        };
        stage(&mut text, number, &from, &variable(number));
    }
    text
}

/// One stage whose steps copy and run in turn.
fn steps(steps: usize) -> String {
    let mut text = "FROM alpine:3.20\n".to_owned();
    for number in 0..steps / 2 {
        _ = writeln!(text, "COPY f{number} .\nRUN make f{number}");
    }
    text
}

/// What the daemon can do, which a frontend learns once.
static SUPPORT: LazyLock<Support> = LazyLock::new(Support::full);

/// Compiles a file, and returns the number of operations.
fn compile(text: &str) -> usize {
    let file = Dockerfile::parse(text, &LintConfig::default());
    let options = Options::parse([("target", "")]).expect("options");
    let map = SourceMap::new("Dockerfile", "Dockerfile", text.to_owned());
    let platforms = [Platform::new("linux", "amd64")];
    let request = Request {
        options: &options,
        platform: None,
        build_platforms: &platforms,
        support: &SUPPORT,
        source_map: &map,
        all_stages: false,
    };
    let mut conversion = Conversion::new(&file, request).expect("the file has no mistakes");
    loop {
        let needs = conversion.needs().expect("the bases have names");
        if needs.is_empty() {
            break;
        }
        for need in needs {
            let Need::Image {
                reference,
                platform,
                stage,
                ..
            } = need
            else {
                continue;
            };
            let mut config = ImageConfig::scratch(&platform);
            config.rootfs.diff_ids = Some(vec!["sha256:aa".to_owned()]);
            let image = ResolvedImage { reference, config };
            let answer = Answer::Image(stage, Ok(image));
            conversion.answer(answer).expect("the base is an image");
        }
    }
    conversion
        .evaluate(&[])
        .expect("the instructions have no mistakes");
    let context = Local::new("context").unique_id("context").into_state();
    let converted = conversion.finish(&context);
    let options = MarshalOptions::new()
        .on_platform(platforms[0].clone())
        .supported_by(SUPPORT.clone());
    let definition = converted.state.marshal(&options);
    let config = converted.image.to_json();
    assert!(!config.is_empty());
    definition.operations().len()
}

/// Measures how long compiling a file takes; returns the number of operations too.
fn measure(text: &str, repetitions: u32) -> (Duration, usize) {
    let operations = compile(text);
    let mut times: Vec<Duration> = (0..SERIES)
        .map(|_| {
            let start = Clock::start();
            for _ in 0..repetitions {
                compile(text);
            }
            start.elapsed() / repetitions
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], operations)
}

/// Has another compiler measure itself.
fn measure_other(compiler: &Path, text: &str, repetitions: u32) -> Option<Duration> {
    let file = env::temp_dir().join(format!("convert-bench-{}.Dockerfile", std::process::id()));
    fs::write(&file, text).ok()?;
    let mut times: Vec<u64> = (0..SERIES)
        .filter_map(|_| {
            let output = Command::new(compiler)
                .arg(&file)
                .arg(repetitions.to_string())
                .output()
                .ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        })
        .collect();
    // What isn't there any more needs no removal.
    _ = fs::remove_file(&file);
    times.sort_unstable();
    let median = times.get(times.len() / 2)?;
    Some(Duration::from_nanos(*median))
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
    let compiler = env::var_os("DOCKERFILE_COMPILER");
    println!("| shape | stages | operations | time | time a stage | ratio | the other |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
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
            let text = shape(stages);
            let repetitions = u32::try_from(SERIES_STAGES / stages).unwrap_or(0).max(1);
            let (time, operations) = measure(&text, repetitions);
            let each = time.as_secs_f64() * 1e6 / stages as f64;
            if stages >= 100 {
                first.get_or_insert(each);
            }
            let ratio = first.map_or_else(String::new, |first| format!("{:.2}", each / first));
            let compiler = compiler.as_ref().filter(|_| stages <= MOST_OF_OTHERS);
            let other =
                compiler.and_then(|path| measure_other(Path::new(path), &text, repetitions));
            let other = other.map_or_else(String::new, |other| {
                format!("{:.1}", other.as_secs_f64() / time.as_secs_f64())
            });
            println!(
                "| {name} | {stages} | {operations} | {:.2} ms | {each:.1} µs | {ratio} | {other} |",
                time.as_secs_f64() * 1e3,
            );
        }
    }
}
