//! The cost of reading a definition compared with marshalling it, in one run: time per vertex, and the ratio.
//!
//! `cargo bench -p stagefile-llb --bench reading` prints a table; `-- SHAPE` measures one shape, and
//! `-- --quick` leaves out the largest size. The columns:
//!
//! - *marshal*: from a graph of states to the bytes of a `Definition` message;
//! - *bytes*: from those bytes to a [`Definition`];
//! - *graph*: from the definition to a [`Graph`];
//! - *import*: from the definition to a [`State`] that continues from it;
//! - *ratio*: bytes and the slower of graph and import, divided by marshal.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod arguments;
mod clock;
mod shapes;

use std::hint::black_box;
use std::time::Duration;

use buildkit_llb::{Constrain, Definition, Exec, Graph, MarshalOptions, Range, SourceMap, State};

use arguments::Arguments;
use clock::Clock;
use shapes::{SHAPES, options};

/// The number of time measurements, of which the median is used.
const SERIES: usize = 5;

/// The minimum number of vertices that one time measurement makes: the clock is coarse.
const SERIES_VERTICES: usize = 100_000;

fn main() {
    let arguments = Arguments::read();
    let sizes: &[usize] = if arguments.quick {
        &[1_000, 10_000]
    } else {
        &[1_000, 10_000, 100_000]
    };
    println!("| shape | vertices | marshal | bytes | graph | import | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let described: shapes::Shape = ("execs with names and lines", described_execs);
    for (name, shape) in SHAPES.into_iter().chain([described]) {
        if !arguments.want(name) {
            continue;
        }
        for &size in sizes {
            measure(name, size, &shape(size));
        }
    }
}

/// A chain like those of a frontend: each vertex has a name, and lines of a file.
fn described_execs(size: usize) -> State {
    let map = SourceMap::new("Buildfile", "Text", "base\nmake\n");
    (0..size).fold(State::local("base"), |state, number| {
        let exec = Exec::shell("make")
            .named(format!("[{number}] make"))
            .located(&map, [Range::line(2)]);
        state.run(exec).root()
    })
}

fn measure(name: &str, size: usize, state: &State) {
    let options: MarshalOptions = options();
    let definition = state.marshal(&options);
    let vertices = definition.operations().len();
    let message = bytes::Bytes::from(definition.to_bytes());
    let marshal = time(vertices, || state.marshal(&options).to_bytes());
    let bytes = time(vertices, || {
        Definition::from_bytes(message.clone()).expect("a definition")
    });
    let graph = time(vertices, || Graph::read(&definition).expect("a graph"));
    let import = time(vertices, || {
        State::from_definition(&definition).expect("a graph")
    });
    let ratio = (bytes + graph.max(import)).as_secs_f64() / marshal.as_secs_f64();
    let each = |time: Duration| {
        let vertices = u32::try_from(vertices).unwrap_or(u32::MAX);
        format!("{:.2} µs", time.as_secs_f64() * 1e6 / f64::from(vertices))
    };
    println!(
        "| {name} | {size} | {} | {} | {} | {} | {ratio:.1} |",
        each(marshal),
        each(bytes),
        each(graph),
        each(import),
    );
}

/// Returns the time per vertex for making and dropping a value.
fn time<T>(vertices: usize, make: impl Fn() -> T) -> Duration {
    // The first run allocates memory that later runs reuse.
    drop(black_box(make()));
    let repetitions = u32::try_from(SERIES_VERTICES / vertices)
        .unwrap_or(0)
        .max(1);
    let mut times: Vec<Duration> = (0..SERIES)
        .map(|_| {
            let start = Clock::start();
            for _ in 0..repetitions {
                drop(black_box(make()));
            }
            start.elapsed() / repetitions
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
