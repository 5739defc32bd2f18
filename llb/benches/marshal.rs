//! The cost of a vertex in time, allocations and memory, for making and marshalling graphs of several shapes and sizes.
//!
//! `cargo bench -p stagefile-llb` prints a table; `-- SHAPE` measures one shape, and `-- --quick` leaves out the
//! largest size. Time is the median of several complete runs: making the states, marshalling them, and dropping
//! everything. It is CPU time where Linux reports that, so that other work on the machine counts less.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod arguments;
mod clock;
mod shapes;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use buildkit_llb::{Definition, State};

use arguments::Arguments;
use clock::Clock;
use shapes::{SHAPES, options};

/// Counts allocations, and the bytes in use.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(size: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let in_use = IN_USE.fetch_add(size, Relaxed) + size;
    PEAK.fetch_max(in_use, Relaxed);
}

#[expect(unsafe_code, reason = "an allocator can't be wrapped without")]
// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        count(size);
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The number of time measurements, of which the median is used.
const SERIES: usize = 5;

/// The minimum number of vertices that one time measurement makes: the clock is coarse.
const SERIES_VERTICES: usize = 200_000;

struct Measurement {
    time: Duration,
    allocations: usize,
    peak: usize,
    vertices: usize,
}

fn measure(shape: fn(usize) -> State, size: usize) -> Measurement {
    let options = options();
    let run = || -> Definition { shape(size).marshal(&options) };
    // The first run allocates memory that later runs reuse.
    let vertices = run().operations().len();
    let (allocations, in_use) = (ALLOCATIONS.load(Relaxed), IN_USE.load(Relaxed));
    PEAK.store(in_use, Relaxed);
    drop(run());
    let allocations = ALLOCATIONS.load(Relaxed) - allocations;
    let peak = PEAK.load(Relaxed) - in_use;
    let mut times: Vec<Duration> = (0..SERIES)
        .map(|_| {
            let repetitions = u32::try_from(SERIES_VERTICES / vertices)
                .unwrap_or(0)
                .max(1);
            let start = Clock::start();
            for _ in 0..repetitions {
                drop(run());
            }
            start.elapsed() / repetitions
        })
        .collect();
    times.sort_unstable();
    Measurement {
        time: times[times.len() / 2],
        allocations,
        peak,
        vertices,
    }
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are for people")]
fn main() {
    let arguments = Arguments::read();
    let sizes: &[usize] = if arguments.quick {
        &[1_000, 10_000]
    } else {
        &[1_000, 10_000, 100_000]
    };
    println!("| shape | vertices | time a vertex | allocations a vertex | peak memory a vertex |");
    println!("|---|---:|---:|---:|---:|");
    for (name, shape) in SHAPES {
        if !arguments.want(name) {
            continue;
        }
        for &size in sizes {
            let measured = measure(shape, size);
            let vertices = measured.vertices as f64;
            println!(
                "| {name} | {size} | {:.2} µs | {:.1} | {:.0} B |",
                measured.time.as_secs_f64() * 1e6 / vertices,
                measured.allocations as f64 / vertices,
                measured.peak as f64 / vertices,
            );
        }
    }
}
