//! Where processes of a build have files of ours: all below one directory, in which nothing else can be mounted.

macro_rules! below {
    ($name:literal) => {
        concat!("/run/stagefile/", $name)
    };
}

/// The directory.
pub const RESERVED: &str = "/run/stagefile";
/// Where processes find our program.
pub const RUNNER: &str = below!("tool");
/// Where a script is mounted that is a file.
pub const SCRIPT: &str = below!("script");
/// What has a shell read [`SCRIPT`].
pub const READ_SCRIPT: &str = concat!(". ", below!("script"));
/// Where a script that runs again after a while has the number of the time that it runs for, so that the next one has
/// another cache key.
pub const WINDOW: &str = below!("every");
/// Where a file is mounted that differs from build to build.
pub const ALWAYS: &str = below!("always");
/// Where the check of assertions sees the finished image.
pub const IMAGE: &str = below!("image");
/// Where the check of assertions reads what is to be.
pub const FACTS: &str = below!("facts.json");
/// Where our program sees what has matched.
pub const MATCHES: &str = below!("matches");
/// Where the cache with the reports of one build is mounted.
pub const REPORTS: &str = below!("reports");
/// Where the directory is mounted that is compared with the other.
pub const BEFORE: &str = below!("before");
/// Where the other directory is mounted.
pub const AFTER: &str = below!("after");

/// Returns where what a layer adds is mounted; the lowest has the number 0.
pub fn added_in(layer: usize) -> String {
    format!(below!("added/{}"), layer)
}

/// Returns where all files are mounted that there are after a layer, if it may remove some.
pub fn whole_after(layer: usize) -> String {
    format!(below!("whole/{}"), layer)
}

#[cfg(test)]
mod tests {
    use stagefile_text::paths;

    use super::*;

    #[test]
    fn all_is_below_one_directory() {
        let (added, whole) = (added_in(0), whole_after(0));
        let own = [
            RUNNER, SCRIPT, WINDOW, ALWAYS, IMAGE, FACTS, MATCHES, REPORTS, BEFORE, AFTER, &added,
            &whole,
        ];
        for (index, path) in own.iter().enumerate() {
            assert!(paths::is_below(path, RESERVED), "{path}");
            assert!(!own[..index].contains(path), "{path}");
        }
    }
}
