//! Where processes have files of ours: all below one directory, in which nothing else can be mounted.

/// Where all is mounted that is ours; nothing else can be.
pub(super) const RESERVED: &str = "/run/stagefile";
/// Where a script that runs again after a while has the number of the time that it runs for, so that the next one has
/// another cache key.
pub(super) const WINDOW: &str = "/run/stagefile/every";
/// Where a file is mounted that differs from build to build.
pub(super) const ALWAYS: &str = "/run/stagefile/always";
/// Where the check sees the finished image.
pub(super) const IMAGE: &str = "/run/stagefile/image";
/// Where the check reads what is to be.
pub(super) const FACTS: &str = "/run/stagefile/facts.json";
/// Where the program sees what has matched.
pub(super) const MATCHES: &str = "/run/stagefile/matches";
/// Where a script is mounted that is a file.
pub(super) const SCRIPT: &str = "/run/stagefile/script";
/// Where processes find the program.
pub const RUNNER: &str = "/run/stagefile/tool";

#[cfg(test)]
mod tests {
    use stagefile_runner::reports;
    use stagefile_text::paths;

    use super::*;

    #[test]
    fn all_is_below_one_directory() {
        let own = [
            WINDOW,
            ALWAYS,
            IMAGE,
            FACTS,
            MATCHES,
            SCRIPT,
            RUNNER,
            reports::CACHE,
        ];
        for (index, path) in own.iter().enumerate() {
            assert!(paths::is_below(path, RESERVED), "{path}");
            assert!(!own[..index].contains(path), "{path}");
        }
    }
}
