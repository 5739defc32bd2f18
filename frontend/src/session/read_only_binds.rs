//! Scripts that fail where paths are bound read-only: the daemon gives the exit code, and the reason is in the script's output,
//! which a frontend doesn't see. Where a script may have written to such a path, a warning says how that is done.

use buildkit_gateway::Failure;
use stagefile_language::plan::{Action, Command, Plan, Run, Stage};
use stagefile_language::source::{Sources, Span};
use stagefile_text::visible;

/// What scripts have that write files: of those that only read, nothing is said.
const WRITES: [&str; 19] = [
    ">", " -o", "build", "cargo", "chmod", "compile", "cp ", "generate", "gradle", "install",
    "ln ", "make", "mkdir", "mv ", "mvn", "npm ci", "rm ", "tee ", "touch ",
];

/// Tells whether a script may write to what is bound read-only for it.
pub(super) fn has_some(plan: &Plan) -> bool {
    let stages = plan.order().into_iter().map(|id| plan.stage(id));
    let mut runs = stages.flat_map(Stage::runs);
    runs.any(|run| bound(run).is_some())
}

/// Says of a script that has failed how it can write to what is bound, and where the script is.
pub(super) fn hint(failure: &Failure, plan: &Plan, sources: &Sources) -> Option<(String, Span)> {
    if failure.vertex().is_none() || !failure.message().contains("exit code: ") {
        return None;
    }
    let positions: Vec<_> = failure.positions().collect();
    let stages = plan.order().into_iter().map(|id| plan.stage(id));
    let mut steps = stages.flat_map(Stage::all_steps);
    let (run, span) = steps.find_map(|step| {
        let Action::Run(run) = &step.action else {
            return None;
        };
        let file = sources.file(step.span);
        let first = file.position(step.span.start).line;
        let is_at = positions.iter().any(|position| {
            let mut ranges = position.ranges.iter();
            position.file.filename == file.name()
                && ranges.any(|range| usize::try_from(range.start.line) == Ok(first))
        });
        is_at.then_some((run, step.span))
    })?;
    let path = bound(run)?;
    let (line, _) = sources.file(span).line(span.start);
    let hint = format!(
        "`{path}` is bound read-only: if the script failed with `Read-only file system`, add `rw: true` to the bind; what is written there is thrown away (line {line})"
    );
    Some((visible::line(&hint).into_owned(), span))
}

/// Returns a path that is bound read-only for a script that may write.
fn bound(run: &Run) -> Option<&str> {
    let writes = |text: &str| WRITES.iter().any(|word| text.contains(word));
    let may_write = match &run.command {
        Command::Script(script) => writes(script),
        Command::Arguments(arguments) => writes(&arguments.join(" ")),
    };
    if !may_write {
        return None;
    }
    let mut mounts = run.settings.mounts.iter();
    let mount = mounts.find(|mount| !mount.writable)?;
    Some(if mount.target.is_empty() {
        "."
    } else {
        &mount.target
    })
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::SourcePosition;
    use buildkit_llb::Platform;
    use stagefile_language::driver::check;
    use stagefile_language::expression::Platforms;
    use stagefile_language::plan::Request;
    use stagefile_language::source::Source;

    use super::*;

    const FILE: &str = "
stages:
  app:
    from: busybox
    steps:
      - run: npm ci
        bind: .
      - run: npm test
        bind: .
      - run: make
        bind: { paths: src, rw: true }
";

    #[test]
    fn only_of_scripts_that_may_have_written_to_a_bind() {
        let source = Source::new("Stagefile", FILE);
        let request = Request {
            args: [].into(),
            target: None,
            platforms: Platforms {
                target: Platform::host(),
                build: Platform::host(),
            },
            contexts: None,
        };
        let mut checked = check(&source, &request);
        let plan = checked.take_plan().unwrap();
        let hinted = |line, message: &str| {
            let place = SourcePosition::new("Stagefile", "YAML", FILE.to_owned());
            let failure = Failure::new(message).with_vertex(buildkit_llb::Digest::of(b"v"));
            let failure = failure.at(&place.lines(line, line));
            let hinted = hint(&failure, &plan, &checked.sources);
            hinted.is_some_and(|(hint, _)| hint.starts_with("`.` is bound read-only"))
        };
        assert!(hinted(
            6,
            "process \"npm ci\" did not complete successfully: exit code: 243"
        ));
        assert!(!hinted(6, "failed to compute cache key: \"/x\": not found"));
        assert!(!hinted(
            8,
            "process \"npm test\" did not complete successfully: exit code: 1"
        ));
        assert!(!hinted(
            10,
            "process \"make\" did not complete successfully: exit code: 2"
        ));
        assert!(!hinted(1, "exit code: 2"));
    }
}
