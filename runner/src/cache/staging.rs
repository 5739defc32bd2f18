//! The staging directory in a cache while it is filled.

use std::fs;
use std::path::Path;

/// The name of the directory.
pub(super) const STAGING: &str = ".stagefile-import";
/// The subdirectory with completely read content.
pub(super) const WHOLE: &str = "whole";

/// Reports whether a process was interrupted after everything was read.
pub(super) fn is_unfinished(cache: &Path) -> bool {
    fs::symlink_metadata(cache.join(STAGING).join(WHOLE)).is_ok()
}
