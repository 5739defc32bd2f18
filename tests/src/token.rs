//! Words that no other build has used.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns a word of lower-case letters and digits that was never returned before, in any run of the tests.
///
/// Use it in everything that a test must not find in the build cache of an earlier test, and in image
/// names.
#[must_use]
pub fn token() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let nanoseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("t{nanoseconds:x}p{:x}n{count:x}", process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ() {
        assert_ne!(token(), token());
    }
}
