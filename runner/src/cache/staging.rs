//! What stands in a cache while it is filled.

use std::fs;
use std::path::Path;

/// The directory of it.
pub(super) const STAGING: &str = ".stagefile-import";
/// What was read wholly.
pub(super) const WHOLE: &str = "whole";

/// Tells whether somebody was interrupted after everything was read.
pub(super) fn is_unfinished(cache: &Path) -> bool {
    fs::symlink_metadata(cache.join(STAGING).join(WHOLE)).is_ok()
}
