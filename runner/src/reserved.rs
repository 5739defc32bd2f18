//! The paths of our own files in processes of a build: all below one directory, in which nothing else can be mounted.

macro_rules! below {
    ($name:literal) => {
        concat!("/run/stagefile/", $name)
    };
}

/// The directory.
pub const RESERVED: &str = "/run/stagefile";
/// The path of our program.
pub const RUNNER: &str = below!("tool");
/// The path of a script that is a file.
pub const SCRIPT: &str = below!("script");
/// The command with which a shell reads [`SCRIPT`].
pub const READ_SCRIPT: &str = concat!(". ", below!("script"));
/// The path of a file for a script that runs again after a while, with the number of the current interval, so that
/// the next one has another cache key.
pub const WINDOW: &str = below!("every");
/// The path of a file that differs in every build.
pub const ALWAYS: &str = below!("always");
/// The path at which assertion checks see the finished image.
pub const IMAGE: &str = below!("image");
/// The path of the file with the assertions.
pub const FACTS: &str = below!("facts.json");
/// The path at which our program sees the matches.
pub const MATCHES: &str = below!("matches");
/// The path at which the cache with the reports of a build is mounted.
pub const REPORTS: &str = below!("reports");
/// The path of the first of two directories that are compared.
pub const BEFORE: &str = below!("before");
/// The path of the second directory.
pub const AFTER: &str = below!("after");

/// Returns the path at which the files that a layer adds are mounted; the bottom layer has number 0.
pub fn added_in(layer: usize) -> String {
    format!(below!("added/{}"), layer)
}

/// Returns the path at which all files after a layer are mounted, if it may remove some.
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
