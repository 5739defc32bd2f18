//! Unique values for builds.

use std::hash::{BuildHasher as _, RandomState};

/// Returns a value that has never been used before.
pub(super) fn nonce() -> String {
    // Its keys are random.
    let [first, second] = [0; 2].map(|_| RandomState::new().hash_one(0));
    format!("{first:016x}{second:016x}")
}

#[cfg(test)]
mod tests {
    use super::nonce;

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(nonce(), nonce());
    }
}
