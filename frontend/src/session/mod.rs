//! Handling of BuildKit's build requests.

mod annotations;
mod bases;
mod binds;
mod build;
mod cache_limits;
mod caches;
mod context;
mod dockerfile;
mod evaluation;
mod failed_scripts;
mod image_user;
mod imports;
mod layers;
mod lock;
mod lowering;
mod missing_paths;
mod mistakes;
mod nonce;
mod planning;
mod project;
mod projects;
mod reports;
mod request;
mod resolver;
mod run_options;
mod runner;
mod sbom;
mod secrets;
mod summary;
#[cfg(test)]
mod tests;
mod vcs;
mod why;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use buildkit_gateway::context::{Contexts, Entrypoint};
use buildkit_gateway::options::Epoch;
use buildkit_gateway::{BuildResult, Client, Environment, Error, Failure, Options, Warning};
use buildkit_llb::{Constrain, MarshalOptions, Platform};
use stagefile_language::lock::SUFFIX;
use stagefile_language::program::Files;
use stagefile_language::source::{LANGUAGE, Source};
use stagefile_runner::cache::Limits;
use stagefile_text::visible;

use lock::Locked;
use resolver::Known;

use crate::dockerfile::{FILE as DOCKERFILE, is_dockerfile};
use crate::error::{AnyError, error_chain};
use crate::tools::graph;

/// The default name of the file.
const FILE: &str = "Stagefile";

/// Returns the options for marshalling a graph for this daemon, with the default platform of its
/// operations.
fn marshalling(client: &Client, platform: &Platform) -> MarshalOptions {
    MarshalOptions::new()
        .on_platform(platform.clone())
        .supported_by(client.capabilities().llb.clone())
}

/// Reports whether BuildKit, rather than a person, started this process.
pub fn is_started_by_buildkit() -> bool {
    ["BUILDKIT_SESSION_ID", "BUILDKIT_WORKERS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// Runs the frontend over standard input and output.
pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime
        .map_err(AnyError::from)
        .and_then(|runtime| runtime.block_on(serve()))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // At this point, only the daemon's log can show the error.
            let message = format!("stagefile: {}\n", error_chain(&*error));
            _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), AnyError> {
    buildkit_gateway::serve(async |client: &_, environment: &_| {
        let answer = answer(client, environment).await;
        // Make the message safe to print, whatever it contains.
        answer.map_err(|failure| {
            let message = visible::lines(failure.message()).into_owned();
            failure.with_message(message)
        })
    })
    .await?;
    Ok(())
}

/// Answers a request: a subrequest about the file, or a build.
pub async fn answer(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
    let mut options = environment.parse_options().map_err(Error::from)?;
    let mode = lock::Mode::take(&mut options)?;
    let extras = Extras::take(&mut options)?;
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = entrypoint(&contexts, &options).await?;
    let request = options.request.as_deref();
    if why::is_asked(request) && !dockerfile::is_for_another(&options, &file) {
        let answer = why::answer(client, environment, &contexts, file, mode, extras);
        return Box::pin(answer).await;
    }
    let asks_for_lock = request.is_some_and(request::is_about_the_lock);
    // A file with the lock file's name next to a manifest may belong to the manifest's language.
    let is_foreign = projects::is_manifest(&file) && lock::is_foreign(&file);
    let mode = if asks_for_lock || is_foreign {
        lock::Mode::Off
    } else {
        mode
    };
    let locked = Locked::read(&file, mode)?;
    if projects::is_manifest(&file) {
        let made = projects::make(client, &options, &contexts, file).await?;
        made.warn(&contexts).await;
        let explanation = made.explanation();
        let extras = Extras {
            made_of: Some(&explanation),
            ..extras
        };
        let answered = answer_file(
            client,
            environment,
            &options,
            &contexts,
            &made.file,
            &locked,
            extras,
        );
        return answered.await.map_err(|failure| {
            let message = format!("{}\n\n{explanation}", failure.message().trim_end());
            failure.with_message(message)
        });
    }
    if is_dockerfile(file.filename(), file.text()) {
        let answer = dockerfile::answer(
            client,
            environment,
            &options,
            &contexts,
            file,
            &locked,
            extras,
        );
        return answer.await;
    }
    let answered = answer_file(
        client,
        environment,
        &options,
        &contexts,
        &file,
        &locked,
        extras,
    );
    answered.await
}

/// Answers a request about a Stagefile, which may be generated from a manifest.
async fn answer_file(
    client: &Client,
    environment: &Environment,
    options: &Options,
    contexts: &Contexts,
    file: &Entrypoint,
    locked: &Locked,
    extras: Extras<'_>,
) -> Result<BuildResult, Failure> {
    let source = source(file)?;
    let build = Build {
        client,
        options,
        contexts,
        file,
        source: &source,
        native: environment.build_platform(client.capabilities()),
        epoch: epoch(options, contexts).await?,
        files: RefCell::default(),
        known: RefCell::default(),
        locked,
        warned: RefCell::default(),
        now: now(),
        nonce: nonce::nonce(),
        extras,
    };
    if options.epoch == Epoch::Context && build.epoch.is_none() {
        let reason = contexts.no_epoch_reason();
        build
            .warn(&format!("{EPOCH}=context has no effect: {reason}"))
            .await;
    }
    match &options.request {
        Some(name) => request::answer(name, &build).await,
        None if build.extras.draws => request::page(&build).await,
        None if build.exports_caches() => caches::export(&build).await,
        None => build.run().await,
    }
}

/// Reads the file: the one that the client names, or else a Stagefile, or else a Dockerfile.
async fn entrypoint(contexts: &Contexts, options: &Options) -> Result<Entrypoint, Failure> {
    let beside = [SUFFIX];
    let stagefile = contexts.entrypoint_with(FILE, LANGUAGE, &beside);
    let missing = match stagefile.await {
        Ok(file) => return Ok(file),
        Err(error) if options.files.filename.is_some() => return Err(error.into()),
        Err(error) => error,
    };
    let dockerfile = contexts.entrypoint_with(DOCKERFILE, DOCKERFILE, &beside);
    dockerfile.await.map_err(|_| missing.into())
}

fn source(file: &Entrypoint) -> Result<Source, Failure> {
    let text = String::from_utf8(file.text().to_vec()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!(
            "{} is not UTF-8: its byte {at} can't be read",
            file.filename()
        ))
    })?;
    Ok(Source::new(file.filename(), text))
}

/// A build of a file.
struct Build<'a> {
    client: &'a Client,
    options: &'a Options,
    contexts: &'a Contexts,
    file: &'a Entrypoint,
    source: &'a Source,
    /// The platform on which the build runs.
    native: Platform,
    /// The timestamp of new files, if the client sets one.
    epoch: Option<i64>,
    /// The imported files that have been read so far.
    files: RefCell<Files>,
    /// The daemon's answers so far.
    known: RefCell<Known>,
    /// The lock file next to the file.
    locked: &'a Locked,
    /// The Dockerfiles whose warnings have been sent.
    warned: RefCell<BTreeSet<String>>,
    /// The time since 1970, the same for all platforms.
    now: Duration,
    /// A unique value for this build.
    nonce: String,
    /// Additions to the answer, or replacements of the build.
    extras: Extras<'a>,
}

/// Additions to the answer, or replacements of the build.
#[derive(Clone, Copy, Debug)]
struct Extras<'a> {
    /// The note for errors if the file was generated from a manifest.
    made_of: Option<&'a str>,
    /// Whether a page with the graph replaces the target.
    draws: bool,
    /// Whether a summary of the build is added.
    sums_up: bool,
    /// The limits on saved caches.
    limits: Limits,
}

impl Extras<'_> {
    /// Takes these settings from the client's options.
    fn take(options: &mut Options) -> Result<Self, Failure> {
        Ok(Self {
            made_of: None,
            draws: take_graph_target(options),
            sums_up: summary::take(options)?,
            limits: cache_limits::take(options)?,
        })
    }
}

/// If the target is that of a page with a graph, replaces it with the target to show.
fn take_graph_target(options: &mut Options) -> bool {
    let asked = options.target.as_deref().and_then(graph::asked);
    let Some(stage) = asked.map(|stage| stage.map(str::to_owned)) else {
        return false;
    };
    options.target = stage;
    true
}

/// Returns the time since 1970; 0 if the clock isn't set.
fn now() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}

/// The build argument with the source date epoch.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

async fn epoch(options: &Options, contexts: &Contexts) -> Result<Option<i64>, Failure> {
    match &options.epoch {
        Epoch::Seconds(seconds) => Ok(Some(*seconds)),
        Epoch::Context => Ok(contexts.epoch().await?),
        Epoch::Named(name) => Err(Failure::new(format!(
            "{EPOCH} can't be `{name}`: it is a number of seconds, or `context`"
        ))),
        _ => Ok(None),
    }
}

impl Build<'_> {
    /// Sends a warning. Failing to send it doesn't end the build.
    async fn warn(&self, message: &str) {
        _ = self.contexts.warn(self.file, Warning::new(message)).await;
    }

    /// Returns the platforms to build for.
    fn targets(&self) -> Vec<Platform> {
        match self.options.platforms.as_slice() {
            [] => vec![self.native.clone()],
            platforms => platforms.to_vec(),
        }
    }
}
