//! Tests of the same features on daemons of several versions: each feature works, or is refused with the name of what
//! is missing.
//!
//! `scripts/test daemons` runs these tests on 20.10 (BuildKit 0.8), 26.1 and 28.5, side by side. The first two keep
//! images in Docker's own store, the last in containerd's. A feature that a daemon lacks must fail before anything has
//! run: an old BuildKit ignores what it doesn't know, so the image would silently be a different one.

mod caches;
mod dockerfiles;
mod expectation;
mod files;
mod image;
mod language;
mod mounts;
mod reports;
mod scripts;
mod secrets;
mod stages;

use expectation::{on_all, since};
