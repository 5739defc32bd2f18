//! What a daemon of a given version must do with a feature.

use std::sync::OnceLock;

use stagefile_tests::{Build, Docker, Files};

/// Expects a feature to work on daemons of this version and newer, and others to refuse it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Since {
    works: bool,
    names: &'static str,
}

/// Expects a feature to work on every daemon; the build must succeed.
#[track_caller]
pub(crate) fn on_all(build: Build, check: impl FnOnce(&Files)) {
    check(&build.files());
}

/// Expects a feature to work from this version of Docker on; for older ones, the error contains `names`, which says
/// what is missing.
pub(crate) fn since(version: (u32, u32), names: &'static str) -> Since {
    Since {
        works: daemon() >= version,
        names,
    }
}

impl Since {
    /// Builds, and checks the result, or the error.
    #[track_caller]
    pub(crate) fn expect(self, build: Build, check: impl FnOnce(&Files)) {
        if self.works {
            on_all(build, check);
            return;
        }
        let outcome = build.fail();
        outcome.assert_shows(self.names);
        outcome.assert_shows("needs BuildKit");
        // Nothing has run: no step of the graph has even pulled the base image.
        outcome.assert_no_step("[app ");
    }
}

/// Returns the version of the daemon, such as (26, 1).
#[track_caller]
pub(crate) fn daemon() -> (u32, u32) {
    static VERSION: OnceLock<(u32, u32)> = OnceLock::new();
    *VERSION.get_or_init(|| {
        let text = Docker::connect().output(&["version", "--format={{.Server.Version}}"]);
        let mut numbers = text
            .split('.')
            .map(|number| number.trim().parse().expect("a version is numbers"));
        let mut next = || numbers.next().expect("a version has two numbers");
        (next(), next())
    })
}
