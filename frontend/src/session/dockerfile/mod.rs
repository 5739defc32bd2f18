//! Dockerfiles that are built with this frontend: compiled to the same bytes as by Docker's own frontend.

mod build;
mod convert;
mod missing_path;
mod needs;
#[cfg(test)]
mod part_tests;
mod problems;
mod questions;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use buildkit_dockerfile::{Dockerfile, LintConfig, Mistake};
use buildkit_gateway::context::{Contexts, Entrypoint, Forward};
use buildkit_gateway::{
    BuildResult, Client, Environment, Failure, ImageConfig, Options, SourcePosition, Warning,
    directive,
};
use buildkit_llb::{Definition, Platform, State};
use stagefile_text::visible;

use super::lock::Locked;
use super::{Extras, summary};
use crate::dockerfile::{LANGUAGE, has_its_name, is_dockerfile};
use build::Session;

/// Answers a request: a subrequest about the file, or a build.
pub(super) async fn answer(
    client: &Client,
    environment: &Environment,
    options: &Options,
    contexts: &Contexts,
    file: Entrypoint,
    locked: &Locked,
    extras: Extras<'_>,
) -> Result<BuildResult, Failure> {
    let file = file.in_language(LANGUAGE);
    if let Some(forward) = other_frontend(options, &file) {
        return contexts.forward(&forward, &file).await;
    }
    if !has_its_name(file.filename()) {
        let hint = format!("{} is a Dockerfile, and is built as one", file.filename());
        let warning = Warning::new(hint).detail("a Stagefile begins with `stages:`");
        // The build is the same without the hint.
        _ = contexts.warn(&file, warning.at(file.lines(1, 1))).await;
    }
    let native = environment.build_platform(client.capabilities());
    // Windows paths aren't supported here, but in the daemon's built-in frontend.
    let is_for_windows = |platform: &buildkit_llb::Platform| platform.os == "windows";
    if is_for_windows(&native) || options.platforms.iter().any(is_for_windows) {
        return contexts.forward(&Forward::to_dockerfile(), &file).await;
    }
    let config = match (lint_config(options, &file), &options.request) {
        (Ok(config), _) => config,
        // As in Docker's frontend, if the subrequest is about the line itself or doesn't depend on it.
        (Err(_), Some(name)) if options.check.is_none() && questions::leaves_rules(name) => {
            LintConfig::default()
        }
        (Err(problem), Some(name)) if options.check.is_none() && questions::is_of_rules(name) => {
            return Ok(questions::unread(&file, &problem));
        }
        (Err(problem), _) => return Err(problem),
    };
    let text = String::from_utf8_lossy(file.text());
    let dockerfile = Dockerfile::parse(&text, &config);
    let session = Session {
        client,
        options,
        contexts,
        file: &file,
        dockerfile: &dockerfile,
        build_platforms: &[native],
        configs: RefCell::default(),
        locked,
    };
    match &options.request {
        Some(name) => questions::answer(name, &session).await,
        None if extras.draws => questions::page(&session).await,
        None => {
            let result = session.build().await?;
            let summary = extras.sums_up.then(|| summary::of_dockerfile(locked));
            Ok(match summary.flatten() {
                Some(summary) => result.inline_message(visible::line(&summary).into_owned()),
                None => result,
            })
        }
    }
}

/// Creates the graph of a stage's Dockerfile, with its own contexts. Returns `None` if it is for another frontend, which
/// the daemon calls in that case.
///
/// A build checks that the client has the secrets; a subrequest only needs the result.
pub(super) async fn part(
    client: &Client,
    contexts: &Contexts,
    path: &str,
    native: &Platform,
    told: Told,
    locked: &Locked,
) -> Result<Option<(State, ImageConfig)>, Failure> {
    let options = contexts.options();
    let file = contexts.entrypoint(path, LANGUAGE).await?;
    let is_for_windows = |platform: &Platform| platform.os == "windows";
    if !is_dockerfile(file.filename(), file.text())
        || crate::dockerfile::other_frontend(file.text()).is_some()
        || is_for_windows(native)
        || options.platforms.iter().any(is_for_windows)
    {
        return Ok(None);
    }
    let config = lint_config(options, &file)?;
    let text = String::from_utf8_lossy(file.text());
    let dockerfile = Dockerfile::parse(&text, &config);
    let session = Session {
        client,
        options,
        contexts,
        file: &file,
        dockerfile: &dockerfile,
        build_platforms: std::slice::from_ref(native),
        configs: RefCell::default(),
        locked,
    };
    let platform = options.platforms.first().unwrap_or(native);
    Box::pin(session.part(platform, told)).await.map(Some)
}

/// What the client is told about a Dockerfile that is part of a build.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Whether findings of rules are sent as warnings.
    pub warnings: bool,
    /// Whether missing secrets are errors now.
    pub secrets: bool,
}

/// Returns the frontend that a file requests, if it isn't this one.
fn other_frontend(options: &Options, file: &Entrypoint) -> Option<Forward> {
    let forward = Forward::find(options, file.text())?;
    // If we were started for a file that names us, we are the requested frontend.
    (options.frontend.image.as_deref() != Some(forward.image.as_str())).then_some(forward)
}

/// Reports whether a file is a Dockerfile for another frontend.
pub(super) fn is_for_another(options: &Options, file: &Entrypoint) -> bool {
    is_dockerfile(file.filename(), file.text()) && other_frontend(options, file).is_some()
}

/// Compiles a Dockerfile without building it.
pub(super) async fn graph(
    client: &Client,
    native: &Platform,
    contexts: &Contexts,
    file: &Entrypoint,
    locked: &Locked,
) -> Result<Definition, Failure> {
    let options = contexts.options();
    let config = lint_config(options, file)?;
    let text = String::from_utf8_lossy(file.text());
    let dockerfile = Dockerfile::parse(&text, &config);
    let session = Session {
        client,
        options,
        contexts,
        file,
        dockerfile: &dockerfile,
        build_platforms: std::slice::from_ref(native),
        configs: RefCell::default(),
        locked,
    };
    session.definition(options.platforms.first()).await
}

fn lint_config(options: &Options, file: &Entrypoint) -> Result<LintConfig, Failure> {
    let (config, what) = if let Some(given) = &options.check {
        (
            LintConfig::parse(given),
            "build-arg:BUILDKIT_DOCKERFILE_CHECK",
        )
    } else {
        let written = directive::check(file.text());
        // Text after a space is ignored, as in the syntax directive.
        let written = written.as_ref().map_or("", |found| found.image());
        (LintConfig::parse(written), "check options")
    };
    config.map_err(|error| Failure::new(format!("failed to parse {what}: {error}")))
}

/// Adds a mistake's positions in the form of Docker's frontend: one range for each line.
fn failure(file: &Entrypoint, mistake: &Mistake) -> Failure {
    let failure = Failure::new(&mistake.message);
    mistake.places.iter().fold(failure, |failure, lines| {
        failure.at(&position(file, *lines))
    })
}

pub(super) fn position(file: &Entrypoint, lines: buildkit_dockerfile::Lines) -> SourcePosition {
    let whole = SourcePosition::from_file(file.source_map().file().clone());
    lines.ranges().fold(whole, SourcePosition::range)
}
