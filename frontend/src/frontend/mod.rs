//! A build request of BuildKit in, a result out.

mod images;
mod load;
mod request;
mod run_options;
mod secrets;

use std::process::ExitCode;

use buildkit_gateway::{
    BuildResult, Client, Environment, Error, Failure, Options, PlatformResult, SolveRequest,
};
use buildkit_llb::{Constrain, MarshalOptions, Platform, SourceMap};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Platforms;
use crate::lower::{self, Built, Lowering};
use crate::plan::{Plan, Request};
use crate::source::Source;
use crate::tools::check::{Checked, check};
use load::Loaded;

/// The language that clients show excerpts in.
const LANGUAGE: &str = "YAML";

/// Tells whether BuildKit has started this process, rather than a person.
pub fn is_started_by_buildkit() -> bool {
    std::env::var_os("BUILDKIT_SESSION_ID").is_some()
        || std::env::var_os("BUILDKIT_WORKERS").is_some()
}

/// Runs the frontend over standard input and output.
pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(serve()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody but the daemon's log is left to be told.
            _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("stagefile: {error:#}\n").as_bytes(),
            );
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> anyhow::Result<()> {
    let client = Client::from_stdio().await?;
    let environment = Environment::current();
    match answer(&client, &environment).await {
        Ok(result) => client.return_result(result).await?,
        Err(failure) => client.return_failure(failure).await?,
    }
    Ok(())
}

/// Answers a request: a question about the file, or a build.
async fn answer(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
    let options = environment.parse_options().map_err(Error::from)?;
    if let Some(name) = &options.request {
        return request::answer(name, client, environment, &options).await;
    }
    let loaded = load::load(client, environment, &options).await?;
    let build = Build {
        client,
        environment,
        options: &options,
        loaded: &loaded,
    };
    build.run().await
}

/// One build of one file.
struct Build<'a> {
    client: &'a Client,
    environment: &'a Environment,
    options: &'a Options,
    loaded: &'a Loaded,
}

impl Build<'_> {
    async fn run(&self) -> Result<BuildResult, Failure> {
        let build_platform = self.environment.build_platform(self.client.capabilities());
        let targets = match self.options.platforms.as_slice() {
            [] => vec![build_platform.clone()],
            platforms => platforms.to_vec(),
        };
        let mut results = Vec::new();
        for (index, target) in targets.iter().enumerate() {
            let platforms = Platforms {
                target: target.clone(),
                build: build_platform.clone(),
            };
            let plan = self.plan(platforms, index == 0).await?;
            secrets::preflight(&plan, &self.loaded.source, self.client).await?;
            let built = self.lower(&plan, target, targets.len() > 1).await?;
            results.push((target.clone(), self.solve(built, target).await?));
        }
        if self.options.multi_platform {
            return Ok(BuildResult::multi_platform(results));
        }
        let first = results.into_iter().next();
        let (target, result) =
            first.ok_or_else(|| Failure::new("there is no platform to build for"))?;
        Ok(BuildResult::single(&target, result))
    }

    /// Reads and plans the file for a platform. Warnings are sent once, not for every platform.
    async fn plan(&self, platforms: Platforms, warn: bool) -> Result<Plan, Failure> {
        let request = plan_request(self.options, platforms);
        let source = &self.loaded.source;
        let mut checked = check(source, &request);
        if checked.found.has_errors() {
            return Err(failure(&checked, source));
        }
        if warn {
            self.loaded.warn(self.client, &checked.found).await;
        }
        checked.plan.take().ok_or_else(|| failure(&checked, source))
    }

    async fn lower(&self, plan: &Plan, target: &Platform, several: bool) -> Result<Built, Failure> {
        let needs = lower::needs(plan);
        let resolver = images::Resolver {
            client: self.client,
            options: self.options,
            session: &self.environment.session_id,
            platform: target,
        };
        let source_map = SourceMap::new(
            self.loaded.source.name(),
            LANGUAGE,
            self.loaded.source.text().to_owned(),
        );
        let lowering = Lowering {
            several_platforms: several,
            images: resolver.images(&needs).await?,
            contexts: resolver.contexts(&needs).await?,
            main_context: self
                .loaded
                .main_context(&needs.paths, &self.environment.session_id),
            run: run_options::of(self.options),
            no_cache: self.options.no_cache.clone(),
            cache_namespace: self
                .options
                .cache_mount_namespace
                .clone()
                .unwrap_or_default(),
            labels: self.options.labels.clone(),
            epoch: run_options::epoch(self.options),
            support: self.client.capabilities().llb.clone(),
            ..Lowering::new(&self.loaded.source, source_map, target.clone())
        };
        let mut found = Diagnostics::default();
        let built = lower::lower(plan, &lowering, &mut found);
        built.ok_or_else(|| failure(&Checked { plan: None, found }, &self.loaded.source))
    }

    async fn solve(&self, built: Built, target: &Platform) -> Result<PlatformResult, Failure> {
        let marshal = MarshalOptions::new()
            .on_platform(target.clone())
            .supported_by(self.client.capabilities().llb.clone());
        let definition = built.state.marshal(&marshal);
        let request =
            SolveRequest::definition(&definition).cache_imports(&self.options.cache_imports);
        let solved = self.client.solve(request).await?;
        let result = PlatformResult::new(solved.single_reference().cloned()).config(&built.config);
        let result = match &built.base_config {
            Some(base) => result.base_config_json(base.to_json()),
            None => result,
        };
        Ok(match run_options::epoch(self.options) {
            Some(seconds) => result.epoch(seconds),
            None => result,
        })
    }
}

/// Returns what of the client's wishes the plan depends on.
fn plan_request(options: &Options, platforms: Platforms) -> Request {
    let contexts = options.named_contexts.keys();
    // A context may be given for one platform alone: `NAME::linux/arm64`.
    let names = contexts.map(|key| {
        key.split_once("::")
            .map_or(key.as_str(), |(name, _)| name)
            .to_owned()
    });
    Request {
        args: options.build_args.clone(),
        target: options.target.clone(),
        platforms,
        contexts: names.collect(),
    }
}

/// Makes the error of a file with mistakes: all of them with their excerpts, and their places for programs.
///
/// The places come without the file's text, since clients would print an excerpt of their own for each.
fn failure(checked: &Checked, source: &Source) -> Failure {
    let failure = Failure::new(checked.failure(source).trim_end());
    checked
        .found
        .errors()
        .iter()
        .fold(failure, |failure, error| {
            failure.at(&load::place(source, error, false))
        })
}

/// Makes the error of one mistake that was found while building.
fn single(source: &Source, error: Diagnostic) -> Failure {
    let mut found = Diagnostics::default();
    found.push(error);
    failure(&Checked { plan: None, found }, source)
}
