//! Subrequests about Dockerfiles, answered like by Docker's frontend.

use buildkit_gateway::context::Entrypoint;
use buildkit_gateway::subrequest::{
    DESCRIBE, Description, Lint, LintWarning, Location, OUTLINE, TARGETS,
};
use buildkit_gateway::{BuildResult, Failure};
use buildkit_llb::{Definition, Range};

use super::build::Session;
use super::{convert, failure};
use crate::dockerfile::answers::{self, location};
use crate::session::layers::Asking;
use crate::session::lock::question::answer_dockerfile;
use crate::session::request::{
    baked, delivered, drawn, fixed, is_about_the_lock, picture, unknown, version,
};
use crate::tools::bake;
use crate::tools::fix::Fixing;
use crate::tools::verbs::{Verb, words};

pub(super) async fn answer(name: &str, session: &Session<'_>) -> Result<BuildResult, Failure> {
    if is_about_the_lock(name) {
        return lock(session, &words(name).1).await;
    }
    // Only the first ones are listed: the list is Docker's.
    match name {
        OUTLINE => outline(session).await,
        TARGETS => targets(session),
        DESCRIBE => Ok(Description::from_names([OUTLINE, TARGETS]).answer()),
        name if convert::QUESTIONS.contains(&name) => convert::answer(name, session).await,
        other => match Verb::of_request(other, true) {
            Some((Verb::Check, _)) => Ok(lint(session).await),
            Some((Verb::Fix, _)) => fix(session).await,
            Some((Verb::Graph, words)) => {
                let picture = picture(&words)?;
                let (definition, title) = graph(session).await?;
                drawn(&definition, &title, picture)
            }
            Some((Verb::Layers, _)) => {
                let asking = Asking {
                    client: session.client,
                    options: session.options,
                    native: &session.build_platforms[0],
                };
                asking.check()?;
                let (definition, _) = graph(session).await?;
                let platform = session.options.platforms.first().unwrap_or(asking.native);
                Box::pin(asking.answer(&definition, platform)).await
            }
            Some((Verb::Bake, words)) => {
                let bake = bake::of_dockerfile(session.dockerfile, session.file.filename());
                baked(&bake, &words)
            }
            Some((Verb::Version, _)) => Ok(version()),
            _ if other == Verb::Fmt.request() => Err(Failure::new(
                "a Dockerfile has no layout of its own; `--call fmt` is for Stagefiles",
            )),
            _ if other == Verb::Expand.request() => Err(Failure::new(
                "a Dockerfile has nothing to write out; `--call convert` makes a Stagefile of it",
            )),
            _ => Err(unknown(other, true)),
        },
    }
}

/// Reports whether the answer to a subrequest is independent of rules.
pub(super) fn leaves_rules(name: &str) -> bool {
    name == TARGETS || name == DESCRIBE
}

/// Reports whether a subrequest is about the findings of rules.
pub(super) fn is_of_rules(name: &str) -> bool {
    matches!(Verb::of_request(name, true), Some((Verb::Check, _)))
}

/// Answers a request for findings if the selection of rules is invalid.
pub(super) fn unread(file: &Entrypoint, problem: &Failure) -> BuildResult {
    let lint = Lint::default().source(file.source_map().file().clone());
    lint.error(problem.message(), Location::new([])).answer()
}

/// Compiles the target for the first platform, and returns the graph's title.
async fn graph(session: &Session<'_>) -> Result<(Definition, String), Failure> {
    let platform = session.options.platforms.first();
    let definition = Box::pin(session.definition(platform)).await?;
    let platform = platform.unwrap_or(&session.build_platforms[0]);
    let target = session.options.target.as_deref();
    let name = target.unwrap_or(session.file.filename());
    Ok((definition, format!("{name}, {platform}")))
}

/// Creates the page with the graph, as the result of a build.
pub(super) async fn page(session: &Session<'_>) -> Result<BuildResult, Failure> {
    let (definition, title) = graph(session).await?;
    let platform = session.options.platforms.first();
    let platform = platform.unwrap_or(&session.build_platforms[0]);
    delivered(session.client, platform, &definition, &title).await
}

/// Creates the outline of the target. As in Docker's frontend, it is for the build platform, and warnings are sent.
async fn outline(session: &Session<'_>) -> Result<BuildResult, Failure> {
    let evaluated = session.evaluate(None, false).await;
    session.warn(&evaluated.findings).await;
    if let Some(problem) = evaluated.problem {
        return Err(problem);
    }
    let outline = evaluated
        .compilation
        .map(|compilation| compilation.outline());
    let outline = outline.unwrap_or_default();
    Ok(answers::outline(&outline, session.file.text()).answer())
}

fn targets(session: &Session<'_>) -> Result<BuildResult, Failure> {
    if let Some(mistake) = session.dockerfile.mistakes().first() {
        return Err(failure(session.file, mistake));
    }
    Ok(answers::targets(session.dockerfile, session.file.text()).answer())
}

/// Returns the findings of rules. As in Docker's frontend, they are for the build platform, whichever is requested.
async fn lint(session: &Session<'_>) -> BuildResult {
    let all_stages = session.options.target.is_none();
    let evaluated = session.evaluate(None, all_stages).await;
    let warnings = evaluated.findings.iter().map(|finding| {
        LintWarning::new(finding.rule.name, &finding.message)
            .description(finding.rule.description)
            .url(finding.rule.url())
            .at(location(finding.lines))
    });
    let lint = Lint {
        warnings: warnings.collect(),
        ..Lint::default()
    };
    let lint = lint.source(session.file.source_map().file().clone());
    let Some(problem) = &evaluated.problem else {
        return lint.answer();
    };
    let mut ranges: Vec<Range> = problem
        .positions()
        .flat_map(|position| position.ranges)
        .collect();
    ranges.sort_by_key(|range| range.start.line);
    lint.error(problem.message(), merged(&ranges)).answer()
}

/// Applies fixes. Images are resolved first: some fixes are certain only if they are known.
async fn fix(session: &Session<'_>) -> Result<BuildResult, Failure> {
    if str::from_utf8(session.file.text()).is_err() {
        let name = session.file.filename();
        return Err(Failure::new(format!(
            "{name} is not UTF-8, and can't be corrected"
        )));
    }
    let platform = session.options.platforms.first();
    _ = session.evaluate(platform, true).await;
    let mut fixing = Fixing::new(&session.source());
    loop {
        let checked = session.check(fixing.source(), platform);
        if !fixing.learn(&checked.sources, &checked.found) {
            return Ok(fixed(&fixing, session.file.text()));
        }
    }
}

/// Prints the lock file for all stages.
async fn lock(session: &Session<'_>, words: &[&str]) -> Result<BuildResult, Failure> {
    let platforms: Vec<_> = match session.options.platforms.as_slice() {
        [] => vec![None],
        platforms => platforms.iter().map(Some).collect(),
    };
    for platform in platforms {
        let evaluated = session.evaluate(platform, true).await;
        if let Some(problem) = evaluated.problem {
            return Err(problem);
        }
    }
    let (client, options, native) = (session.client, session.options, &session.build_platforms[0]);
    let (file, locked) = (session.file, session.locked);
    answer_dockerfile(client, options, file, native, locked, words).await
}

/// Merges ranges that overlap or touch, like Docker's frontend.
fn merged(ranges: &[Range]) -> Location {
    let mut lines: Vec<(i32, i32)> = Vec::new();
    for range in ranges {
        match lines.last_mut() {
            Some((_, end)) if range.start.line <= *end => *end = (*end).max(range.end.line),
            _ => lines.push((range.start.line, range.end.line)),
        }
    }
    Location::new(
        lines
            .into_iter()
            .map(|(start, end)| Range::lines(start, end)),
    )
}

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{ask, daemon_of};

    #[tokio::test]
    async fn check_is_the_other_name_of_lint() {
        for (name, text) in [
            ("Dockerfile", "FROM busybox:1.35 as app\n"),
            ("Stagefile", "stages: { app: { from: busybox } }\n"),
        ] {
            let mut answers = Vec::new();
            for request in ["frontend.lint", "frontend.check"] {
                let answer = ask(&daemon_of(name, text), &[("requestid", request)]).await;
                answers.push(answer.unwrap().metadata["result.txt"].clone());
            }
            assert_eq!(answers[0], answers[1]);
        }
    }
}
