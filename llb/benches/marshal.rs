//! What a vertex costs: time, allocations and memory, to make and marshal graphs of several shapes
//! and sizes.
//!
//! `cargo bench -p buildkit-llb` prints a table; `-- SHAPE` measures one shape, and `-- --quick`
//! leaves out the largest size. Time is the median of several runs of the whole: making the
//! states, marshalling them, and dropping all of it. It is the processor's time where Linux tells,
//! so that other work on the machine counts less.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use buildkit_llb::{
    Constrain, Definition, Exec, FileAction, MarshalOptions, Merge, Mount, Platform, State, Support,
};

/// Counts allocations, and the bytes that are in use.
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
// SAFETY: every call is passed on as it is to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of the same method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of the same method.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        count(size);
        // SAFETY: the caller keeps the contract of the same method.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// A shape of graphs: its name, and how to make one with so many vertices.
type Shape = (&'static str, fn(usize) -> State);

const SHAPES: [Shape; 6] = [
    ("chain of execs", chain_of_execs),
    ("chain of file operations", chain_of_files),
    ("wide: files, merged", wide_files),
    ("wide: execs, merged", wide_execs),
    ("one exec with mounts", exec_with_mounts),
    ("fan-in diamonds", diamonds),
];

fn base() -> State {
    State::local("base")
}

fn chain_of_execs(size: usize) -> State {
    (0..size).fold(base(), |state, _| state.run(Exec::shell("make")).root())
}

fn chain_of_files(size: usize) -> State {
    (0..size).fold(base(), |state, _| {
        state.file(FileAction::mkdir("/d", 0o755))
    })
}

fn wide_files(size: usize) -> State {
    let files = (0..size).map(|number| {
        let content = number.to_string();
        State::scratch().file(FileAction::mkfile("/f", 0o644, content))
    });
    Merge::new(&files.collect::<Vec<_>>()).into_state()
}

fn wide_execs(size: usize) -> State {
    let base = base();
    let runs = (0..size).map(|number| base.run(Exec::shell(number.to_string())).root());
    Merge::new(&runs.collect::<Vec<_>>()).into_state()
}

/// Each mount has a source of its own.
fn exec_with_mounts(size: usize) -> State {
    let mounts = (0..size).map(|number| {
        let source = State::scratch().file(FileAction::mkfile("/f", 0o644, number.to_string()));
        Mount::bind(format!("/mount/{number:08}"), &source).readonly()
    });
    let exec = mounts.fold(Exec::shell("make"), Exec::mount);
    base().run(exec).root()
}

/// Each diamond is two execs on the one before, and a copy of one's result into the other's.
fn diamonds(size: usize) -> State {
    (0..size / 3).fold(base(), |state, _| {
        let left = state.run(Exec::shell("left")).root();
        let right = state.run(Exec::shell("right")).root();
        left.file(FileAction::copy(&right, "/out", "/in"))
    })
}

/// How often time is measured; the median counts.
const SERIES: usize = 5;

/// How many vertices a measurement of time makes at least: the clock ticks slowly.
const SERIES_VERTICES: usize = 200_000;

struct Measurement {
    time: Duration,
    allocations: usize,
    peak: usize,
    vertices: usize,
}

fn measure(shape: fn(usize) -> State, size: usize) -> Measurement {
    let options = MarshalOptions::new()
        .supported_by(Support::full())
        .local_unique_id("bench")
        .on_platform(Platform::new("linux", "amd64"));
    let run = || -> Definition { shape(size).marshal(&options) };
    // The first run finds memory that the others use again.
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
    let sizes: &[usize] = if quick {
        &[1_000, 10_000]
    } else {
        &[1_000, 10_000, 100_000]
    };
    println!("| shape | vertices | time a vertex | allocations a vertex | peak memory a vertex |");
    println!("|---|---:|---:|---:|---:|");
    for (name, shape) in SHAPES {
        if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
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
