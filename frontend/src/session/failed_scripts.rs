//! Hints for scripts that fail because they can't write: the daemon only reports the exit code, and the reason is in the script's
//! output, which a frontend doesn't see. If a script may have written to a path that is bound read-only, or as another user to
//! files that belong to root, a warning explains how to do that.

use buildkit_gateway::Failure;
use stagefile_language::plan::{Action, Command, Plan, Run, Stage, Step};
use stagefile_language::source::{Sources, Span};
use stagefile_text::visible;

/// Words in scripts that write files: there is no hint for scripts that only read.
const WRITES: [&str; 23] = [
    ">",
    " -o",
    "build",
    "cargo",
    "chmod",
    "compile",
    "cp ",
    "generate",
    "gradle",
    "ln ",
    "make",
    "mkdir",
    "mv ",
    "mvn",
    "npm ci",
    "npm i",
    "pip install -e",
    "pnpm",
    "poetry",
    "rm ",
    "tee ",
    "touch ",
    "yarn",
];

/// The reason why a script may be unable to write.
enum Obstacle<'a> {
    /// A path is bound read-only.
    Bind(&'a str),
    /// The script's user isn't root, and the files of this step belong to root.
    Owner { user: &'a str, step: &'a Step },
}

/// Reports whether a script of the target may be unable to write.
pub(super) fn has_some(plan: &Plan) -> bool {
    let stages = plan.order().into_iter().map(|id| plan.stage(id));
    let mut runs = stages.flat_map(|stage| stage.runs().map(move |run| (stage, run)));
    runs.any(|(stage, run)| obstacle(stage, run).is_some())
}

/// Returns a hint about what a failed script may have lacked, and the script's location.
pub(super) fn hint(failure: &Failure, plan: &Plan, sources: &Sources) -> Option<(String, Span)> {
    if failure.vertex().is_none() || !failure.message().contains("exit code: ") {
        return None;
    }
    let positions: Vec<_> = failure.positions().collect();
    let stages = plan.order().into_iter().map(|id| plan.stage(id));
    let mut steps = stages.flat_map(|stage| stage.all_steps().map(move |step| (stage, step)));
    let (stage, run, span) = steps.find_map(|(stage, step)| {
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
        is_at.then_some((stage, run, step.span))
    })?;
    let line_of = |span: Span| sources.file(span).line(span.start).0;
    let line = line_of(span);
    let hint = match obstacle(stage, run)? {
        Obstacle::Bind(path) => format!(
            "`{path}` is bound read-only: if the script failed with `Read-only file system`, add `rw: true` to the bind; what is written there is thrown away (line {line})"
        ),
        Obstacle::Owner { user, step } => format!(
            "the script runs as `{user}`, and the files of line {} are root's: if it failed with `Permission denied`, add `owner: {user}` there (line {line})",
            line_of(step.span)
        ),
    };
    Some((visible::line(&hint).into_owned(), span))
}

/// Finds a possible obstacle for a script that may write.
fn obstacle<'a>(stage: &'a Stage, run: &'a Run) -> Option<Obstacle<'a>> {
    let writes = |text: &str| WRITES.iter().any(|word| text.contains(word));
    let may_write = match &run.command {
        Command::Script(script) => writes(script),
        Command::Arguments(arguments) => writes(&arguments.join(" ")),
    };
    if !may_write {
        return None;
    }
    let mut mounts = run.settings.mounts.iter();
    if let Some(mount) = mounts.find(|mount| !mount.writable) {
        return Some(Obstacle::Bind(match mount.target.as_str() {
            "" => ".",
            target => target,
        }));
    }
    let user = run.settings.user.as_deref();
    let user = user.filter(|user| !matches!(user.split(':').next(), Some("root" | "0")))?;
    let is_it = |step: &Step| matches!(&step.action, Action::Run(other) if std::ptr::eq(other.as_ref(), run));
    let mut before = stage.all_steps().take_while(|step| !is_it(step));
    let step = before.find(|step| is_roots(step))?;
    Some(Obstacle::Owner { user, step })
}

/// Reports whether a step creates files that belong to root, because it sets no owner.
fn is_roots(step: &Step) -> bool {
    match &step.action {
        Action::Copy(copy) => copy.owner.is_none(),
        Action::Mkdir(mkdir) => mkdir.owner.is_none(),
        Action::Write(write) => write.owner.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::SourcePosition;
    use buildkit_llb::Platform;
    use stagefile_language::driver::check;

    use stagefile_language::plan::Request;
    use stagefile_language::source::Source;

    use super::*;
    use crate::session::tests::harness;

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

    /// Returns the hint for a script that fails in a line.
    fn hinted(text: &str, line: i32, message: &str) -> String {
        let source = Source::new("Stagefile", text);
        let request = Request::new(Platform::host());
        let mut checked = check(&source, &request);
        let plan = checked.take_plan().unwrap();
        let place = SourcePosition::new("Stagefile", "YAML", text.to_owned());
        let failure = Failure::new(message).with_vertex(buildkit_llb::Digest::of(b"v"));
        let failure = failure.at(&place.lines(line, line));
        let hinted = hint(&failure, &plan, &checked.sources);
        hinted.map(|(hint, _)| hint).unwrap_or_default()
    }

    const FAILED: &str = "process \"x\" did not complete successfully: exit code: 243";

    #[test]
    fn only_of_scripts_that_may_have_written_to_a_bind() {
        let said = hinted(FILE, 6, FAILED);
        assert!(said.starts_with("`.` is bound read-only"), "{said}");
        let other = "failed to compute cache key: \"/x\": not found";
        assert_eq!(hinted(FILE, 6, other), "");
        for line in [8, 10, 1] {
            assert_eq!(hinted(FILE, line, FAILED), "");
        }
    }

    #[test]
    fn of_files_of_root_for_scripts_of_others() {
        let file = "
stages:
  app:
    from: node:22
    user: node
    steps:
      - run: npm ci
      - copy: package.json
      - run: npm ci
      - run: node --version
      - run: npm ci
        user: root:root
  own:
    from: app
    steps:
      - copy: src
        owner: node
      - run: npm ci
        user: node
";
        let said = hinted(&format!("{file}target: app\n"), 9, FAILED);
        assert!(
            said.contains("runs as `node`") && said.contains("of line 8 are root's"),
            "{said}"
        );
        for line in [7, 10, 11, 18] {
            assert_eq!(hinted(file, line, FAILED), "", "{line}");
        }
    }

    /// The frontend waits for a build only if it could explain a failure.
    #[tokio::test]
    async fn the_client_is_told_while_the_error_stays_the_daemons() {
        let daemon = harness::daemon(&FILE.replace(
            "busybox",
            "busybox:1.35\n    workdir: /srv\n    caches: [npm]",
        ))
        .local("context", [("src/a", "")])
        .failure_of("[app 2/4] run npm ci", Failure::new(FAILED));
        harness::ask(&daemon, &[]).await.unwrap();
        let warnings = harness::warnings(&daemon);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with("`.` is bound read-only"),
            "{warnings:?}"
        );
        let waited = daemon.solves().into_iter().filter(|solve| solve.evaluate);
        assert_eq!(waited.count(), 1);
    }
}
