//! A table of compilation costs, for generated files of several shapes and sizes.
//!
//! `-- SHAPE` measures one shape, and `-- --quick` leaves out the largest size. Time is the median of several runs. It
//! is CPU time where Linux reports that, so that other work on the machine counts less. The column `ratio` compares the
//! cost per stage with that of the smallest file of 100 stages or more: it stays near 1 where the cost is linear.

#[path = "../../../llb/benches/arguments/mod.rs"]
mod arguments;
#[path = "../../../llb/benches/clock/mod.rs"]
mod clock;

use std::time::Duration;

use arguments::Arguments;
use clock::Clock;

/// A shape of files: its name, and a function that writes one of a given size.
pub(crate) type Shape = (&'static str, fn(usize) -> String);

/// The name of the shape in which each script has all previous variables, so that the graph itself grows quadratically.
pub(crate) const CHAIN_OF_VARIABLES: &str = "chain with a variable each";

/// The sizes, in stages or steps.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The maximum number of stages of a chain that adds variables.
const MAX_VARIABLES: usize = 1_000;

/// The number of time measurements, of which the median is used.
const SERIES: usize = 5;

/// The minimum number of stages that one measurement compiles: the clock is coarse.
const SERIES_STAGES: usize = 2_000;

/// A compiler that measures itself: given a file, its number of stages, and a number of repetitions, it returns the
/// time of one compilation; `None` if it isn't measured.
pub(crate) type Other = fn(&str, usize, u32) -> Option<Duration>;

/// Measures a compiler, which returns the number of operations, and prints the table.
#[expect(clippy::cast_precision_loss, reason = "the numbers are for people")]
pub(crate) fn measure(shapes: &[Shape], compile: impl Fn(&str) -> usize, other: Option<Other>) {
    let arguments = Arguments::read();
    let (title, line) = match other {
        Some(_) => (" the other |", "---:|"),
        None => ("", ""),
    };
    println!("| shape | stages | operations | time | time a stage | ratio |{title}");
    println!("|---|---:|---:|---:|---:|---:|{line}");
    for (name, shape) in shapes.iter().filter(|(name, _)| arguments.want(name)) {
        let mut first = None;
        for stages in SIZES {
            let too_many = *name == CHAIN_OF_VARIABLES && stages > MAX_VARIABLES;
            if too_many || arguments.quick && stages > 1_000 {
                continue;
            }
            let text = shape(stages);
            let repetitions = u32::try_from(SERIES_STAGES / stages).unwrap_or(0).max(1);
            let operations = compile(&text);
            let time = median(|| {
                let start = Clock::start();
                for _ in 0..repetitions {
                    compile(&text);
                }
                Some(start.elapsed() / repetitions)
            });
            let time = time.unwrap_or_default();
            let each = time.as_secs_f64() * 1e6 / stages as f64;
            if stages >= 100 {
                first.get_or_insert(each);
            }
            let ratio = first.map_or_else(String::new, |first| format!("{:.2}", each / first));
            print!(
                "| {name} | {stages} | {operations} | {:.2} ms | {each:.1} µs | {ratio} |",
                time.as_secs_f64() * 1e3,
            );
            match other.map(|other| median(|| other(&text, stages, repetitions))) {
                None => println!(),
                Some(None) => println!(" |"),
                Some(Some(other)) => {
                    println!(" {:.1} |", other.as_secs_f64() / time.as_secs_f64());
                }
            }
        }
    }
}

/// Returns the median of several measurements.
fn median(mut measure: impl FnMut() -> Option<Duration>) -> Option<Duration> {
    let mut times: Vec<Duration> = (0..SERIES).filter_map(|_| measure()).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}
