//! An allocator that counts what the current thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The cost of some work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// All bytes that were allocated.
    pub(crate) allocated: usize,
    /// The maximum number of bytes in use at any time, beyond those in use before.
    pub(crate) peak: usize,
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(taken: usize, given: usize) {
    // A thread that is ending no longer has these.
    _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get().wrapping_add(taken)));
    let change =
        isize::try_from(taken).unwrap_or(isize::MAX) - isize::try_from(given).unwrap_or(isize::MAX);
    let in_use = IN_USE.try_with(|in_use| {
        in_use.set(in_use.get().wrapping_add(change));
        in_use.get()
    });
    _ = PEAK.try_with(|peak| peak.set(peak.get().max(in_use.unwrap_or_default())));
}

#[expect(unsafe_code, reason = "an allocator can't be wrapped without")]
// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Counting all bytes, which may have to be moved, reveals vectors that grow in small steps.
        count(size, layout.size());
        // SAFETY: the caller upholds the contract of the same method.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Does some work in this thread, and returns its cost.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (allocated, in_use) = (ALLOCATED.get(), IN_USE.get());
    PEAK.set(in_use);
    let result = work();
    let cost = Cost {
        allocated: ALLOCATED.get().wrapping_sub(allocated),
        peak: usize::try_from(PEAK.get() - in_use).unwrap_or_default(),
    };
    (result, cost)
}
