//! Plans of Stagefiles, for tests.

use buildkit_llb::{Platform, SourceMap, Support};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::check;
use stagefile_language::plan::{Plan, Request};
use stagefile_language::source::{LANGUAGE, Source, Sources};

use super::{Daemon, Lowered, Lowering, SourceMaps, lower};

/// Creates a plan of a valid file, for `linux/amd64`, with the named context `given`.
pub(super) fn planned(text: &str) -> (Plan, Sources) {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        contexts: Some(["given".to_owned()].into()),
        ..Request::new(platform)
    };
    let mut checked = check(&Source::new("Stagefile", text), &request);
    let plan = checked.take_plan();
    let plan = plan.unwrap_or_else(|| panic!("{}", checked.report()));
    (plan, checked.sources)
}

/// Lowers a file that needs no images, for a daemon; or returns the first error.
pub(super) fn lowered(text: &str, support: Support) -> Result<Lowered, String> {
    let (plan, sources) = planned(text);
    let source_maps = SourceMaps::new(
        &sources,
        SourceMap::new("Stagefile", LANGUAGE, text.to_owned()),
    );
    let lowering = Lowering {
        daemon: Daemon {
            support,
            ..Daemon::default()
        },
        ..Lowering::new(&sources, source_maps)
    };
    let mut found = Diagnostics::default();
    let lowered = lower(&plan, &lowering, &mut found);
    lowered.ok_or_else(|| found.errors()[0].message.clone())
}
