//! A build request of BuildKit in, a result out.

mod annotations;
#[cfg(test)]
mod asking;
mod bases;
mod binds;
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
#[cfg(test)]
mod lost_options;
mod missing_paths;
mod mistakes;
mod nonce;
#[cfg(test)]
mod pictures;
mod project;
mod projects;
mod reports;
mod request;
mod resolver;
#[cfg(test)]
mod round_trips;
mod run_options;
mod runner;
mod sbom;
mod secrets;
mod summary;
#[cfg(test)]
mod transcripts;
mod vcs;
mod why;
#[cfg(test)]
mod wishes;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use buildkit_gateway::context::{Contexts, Entrypoint};
use buildkit_gateway::options::Epoch;
use buildkit_gateway::{
    Attestation, BuildResult, Client, Environment, Error, Failure, Options, PlatformResult,
    SolveRequest, Warning,
};
use buildkit_llb::{Constrain, Definition, MarshalOptions, Platform, State};
use futures_util::future::{join, try_join, try_join_all, try_join5};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::{Checked, check_with};
use stagefile_language::expression::Platforms;
use stagefile_language::lock::SUFFIX;
use stagefile_language::plan::{Bases, CACHES_CONTEXT, ImageSource, Plan, Request, context_name};
use stagefile_language::program::Files;
use stagefile_language::source::{LANGUAGE, Source, Sources};
use stagefile_lower::{
    BuildOptions, ByPlatform, Daemon, Externals, Lowered, Lowering, Places, Resolved,
};
use stagefile_runner::cache::Limits;
use stagefile_text::visible;

use lock::Locked;
use resolver::Resolver;

use crate::dockerfile::{FILE as DOCKERFILE, is_dockerfile};
use crate::error::{AnyError, described};
use crate::tools::graph;

/// The file's name, where the client names none.
const FILE: &str = "Stagefile";

/// How a graph is written for this daemon, whose operations run on a platform unless they say another.
fn marshalling(client: &Client, platform: &Platform) -> MarshalOptions {
    MarshalOptions::new()
        .on_platform(platform.clone())
        .supported_by(client.capabilities().llb.clone())
}

/// Tells whether BuildKit has started this process, rather than a person.
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
            // Nobody but the daemon's log is left to be told.
            let message = format!("stagefile: {}\n", described(&*error));
            _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), AnyError> {
    buildkit_gateway::serve(async |client: &_, environment: &_| {
        let answer = answer(client, environment).await;
        // Whatever a failure names, it is for a person to read.
        answer.map_err(|failure| {
            let message = visible::lines(failure.message()).into_owned();
            failure.with_message(message)
        })
    })
    .await?;
    Ok(())
}

/// Answers a request: a question about the file, or a build.
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
    // A manifest may have a lock of its own language's beside it.
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

/// Answers a request about a Stagefile, which may be made of a manifest.
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
        images: RefCell::default(),
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

/// One build of one file.
struct Build<'a> {
    client: &'a Client,
    options: &'a Options,
    contexts: &'a Contexts,
    file: &'a Entrypoint,
    source: &'a Source,
    /// What the build runs on.
    native: Platform,
    /// The time that new files have, if the client gives one.
    epoch: Option<i64>,
    /// The files that the file imports, as far as they have been read.
    files: RefCell<Files>,
    /// The images that the daemon has been asked about.
    images: RefCell<ByPlatform<ImageSource, Resolved>>,
    /// The lock beside the file.
    locked: &'a Locked,
    /// The Dockerfiles whose warnings have been sent.
    warned: RefCell<BTreeSet<String>>,
    /// The time since 1970, the same for all platforms.
    now: Duration,
    /// What no other build has.
    nonce: String,
    /// What an answer has besides the build, or instead of it.
    extras: Extras<'a>,
}

/// What an answer has besides the build, or instead of it.
#[derive(Clone, Copy, Debug)]
struct Extras<'a> {
    /// What is said with errors, if the file was made of a manifest.
    made_of: Option<&'a str>,
    /// A page with the graph in place of the target.
    draws: bool,
    /// A line about the build at its end.
    sums_up: bool,
    /// How much of caches is saved.
    limits: Limits,
}

impl Extras<'_> {
    /// Takes what the client says of it.
    fn take(options: &mut Options) -> Result<Self, Failure> {
        Ok(Self {
            made_of: None,
            draws: take_graph_target(options),
            sums_up: summary::take(options)?,
            limits: cache_limits::take(options)?,
        })
    }
}

/// Takes the target for a page with the graph as the target of which there is to be one.
fn take_graph_target(options: &mut Options) -> bool {
    let asked = options.target.as_deref().and_then(graph::asked);
    let Some(stage) = asked.map(|stage| stage.map(str::to_owned)) else {
        return false;
    };
    options.target = stage;
    true
}

/// Returns the time since 1970; 0 where the clock was never set.
fn now() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}

/// The build argument that gives it.
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
    /// Builds for all platforms at once. Requests that don't depend on each other are on their way at the same time: a build
    /// in which nothing has changed is little else than waiting for their answers.
    async fn run(&self) -> Result<BuildResult, Failure> {
        let targets = self.targets();
        let mut planned = Vec::new();
        for target in &targets {
            let mut checked = self.check(target).await?;
            let plan = checked.take_plan_to_build(self.options.target.as_deref());
            let mut plan =
                plan.ok_or_else(|| mistakes::failure(&checked.sources, &checked.found))?;
            self.locked.check(&plan, self.file, &mut checked);
            if checked.found.has_errors() {
                return Err(mistakes::failure(&checked.sources, &checked.found));
            }
            self.place_binds(&mut plan, &checked.sources).await?;
            let epoch = self.epoch.or(plan.epoch());
            planned.push((target, plan, checked, epoch));
        }
        let prepared = planned.iter().enumerate().map(|(index, planned_one)| {
            let (_, plan, checked, epoch) = planned_one;
            let earlier = planned[..index].iter().map(|(_, plan, ..)| plan);
            let secrets = secrets::preflight(plan, earlier, &checked.sources, self);
            let lowered = self.lower(plan, &checked.sources, targets.len() > 1, *epoch);
            async { Ok::<_, Failure>(try_join(secrets, lowered).await?.1) }
        });
        // What the file's platforms have in common is said once.
        let warned = async {
            if let Some((_, _, checked, _)) = planned.first() {
                mistakes::warn(self, &checked.sources, &checked.found).await;
            }
            let plans = planned.iter().map(|(_, plan, ..)| plan);
            if let Some(lost) = annotations::lost(plans, self.options) {
                self.warn(&lost).await;
            }
        };
        let ((), prepared) = join(warned, try_join_all(prepared)).await;
        let prepared = prepared?;
        if let (Some((_, _, checked, _)), Some((_, found))) = (planned.first(), prepared.first()) {
            mistakes::warn(self, &checked.sources, found).await;
        }
        // Platforms may have caches in common, which must not be filled twice.
        for ((_, _, checked, _), (lowered, _)) in planned.iter().zip(&prepared) {
            caches::import(self, &lowered.caches, &checked.sources).await?;
        }
        let built = planned.iter().zip(&prepared).map(
            |((target, plan, checked, epoch), (lowered, _))| async {
                let sources = &checked.sources;
                self.deliver(target, plan, sources, lowered, *epoch).await
            },
        );
        let built = try_join_all(built).await?;
        let mut results = Vec::new();
        let mut attestations = Vec::new();
        let mut annotations = Vec::new();
        for ((planned, (lowered, _)), (result, attestation)) in
            planned.iter().zip(&prepared).zip(built)
        {
            let (target, plan, ..) = planned;
            if lowered.reported.is_empty() {
                annotations.extend(annotations::of(plan, target, self.options.multi_platform));
            }
            results.push(((*target).clone(), result));
            attestations.extend(attestation.map(|attestation| (*target, attestation)));
        }
        let result = BuildResult::for_platforms(results, self.options.multi_platform);
        let result = annotations.iter().fold(result, BuildResult::annotation);
        let plans = planned.iter().map(|(_, plan, ..)| plan);
        let summary = self
            .extras
            .sums_up
            .then(|| summary::of_plans(plans, self.locked));
        let result = match summary.flatten() {
            Some(summary) => result.inline_message(visible::line(&summary).into_owned()),
            None => result,
        };
        Ok(attestations
            .into_iter()
            .fold(result, |result, (target, attestation)| {
                result.attestation(target, attestation)
            }))
    }

    /// Makes the result for one platform: an image, or reports.
    async fn deliver(
        &self,
        target: &Platform,
        plan: &Plan,
        sources: &Sources,
        lowered: &Lowered,
        epoch: Option<i64>,
    ) -> Result<(PlatformResult, Option<Attestation>), Failure> {
        let permissions = stagefile_lower::permissions(plan);
        let delivered = async {
            if lowered.reported.is_empty() {
                evaluation::evaluate(self, lowered, &permissions, sources, target).await?;
                let solved = self.solve(lowered, plan, sources, target, epoch);
                return try_join(solved, sbom::scan(self, lowered, target)).await;
            }
            let reports = reports::deliver(self, sources, &plan.rules, lowered, target).await?;
            Ok((reports, None))
        };
        match delivered.await {
            Ok(delivered) => Ok(delivered),
            Err(failure) => {
                let failure = evaluation::explained(failure, &permissions, sources);
                let explained = self.explain(&failure, plan, lowered, sources, target);
                Err(Box::pin(explained).await.unwrap_or(failure))
            }
        }
    }

    /// Tells the user something that is no reason to end the build; nor is it that it can't be told.
    async fn warn(&self, message: &str) {
        _ = self.contexts.warn(self.file, Warning::new(message)).await;
    }

    /// Lists the platforms to build for.
    fn targets(&self) -> Vec<Platform> {
        match self.options.platforms.as_slice() {
            [] => vec![self.native.clone()],
            platforms => platforms.to_vec(),
        }
    }

    /// Reads and plans the file for a platform.
    async fn check(&self, target: &Platform) -> Result<Checked, Failure> {
        self.check_source(self.source, target).await
    }

    /// Reads and plans a text in the file's place.
    async fn check_source(&self, source: &Source, target: &Platform) -> Result<Checked, Failure> {
        let (mut checked, request) = self.check_imports(source, target).await;
        let mut bases = Bases::default();
        loop {
            let wanted = checked.wanted_bases();
            if wanted.is_empty() {
                return Ok(checked);
            }
            // Few files need it, and it is large.
            Box::pin(bases::ask(self, &mut checked, wanted, &mut bases)).await?;
            let files = &mut self.files.borrow_mut();
            checked = check_with(source.clone(), files, &bases, &request);
        }
    }

    /// Reads the file and those that it imports, and plans it as far as nobody has to be asked about images.
    async fn check_imports(&self, source: &Source, target: &Platform) -> (Checked, Request) {
        let platforms = Platforms {
            target: target.clone(),
            build: self.native.clone(),
        };
        let mut args = self.options.build_args.clone();
        // It means the same to a file that declares it, and nothing to one that doesn't.
        if let Some(epoch) = self.epoch {
            args.insert(EPOCH.to_owned(), epoch.to_string());
        }
        let contexts = self.options.files.named_contexts.keys().cloned();
        let request = Request {
            args,
            // All stages are wanted then; the default one is a stage as good as any.
            target: self
                .options
                .target
                .clone()
                .filter(|_| !self.exports_caches()),
            platforms,
            vcs: vcs::of(self.options),
            contexts: Some(
                contexts
                    .filter(|key| context_name(key) != CACHES_CONTEXT)
                    .collect(),
            ),
        };
        loop {
            let checked = check_with(
                source.clone(),
                &mut self.files.borrow_mut(),
                &Bases::default(),
                &request,
            );
            if checked.wanted.is_empty() {
                return (checked, request);
            }
            let files = self.read(&checked.wanted, &checked.sources).await;
            let mut known = self.files.borrow_mut();
            for (file, text) in files {
                known.add(file, text);
            }
        }
    }

    async fn lower(
        &self,
        plan: &Plan,
        sources: &Sources,
        several: bool,
        epoch: Option<i64>,
    ) -> Result<(Lowered, Diagnostics), Failure> {
        let (lowering, mut found) = self.lowering(plan, sources, several, epoch).await?;
        let lowered = stagefile_lower::lower(plan, &lowering, &mut found);
        let lowered = lowered.ok_or_else(|| mistakes::failure(sources, &found))?;
        Ok((lowered, found))
    }

    /// Lists the stages that the client wants to be built again.
    fn uncached(&self, plan: &Plan) -> BTreeSet<String> {
        let names = plan.stages.iter().map(|stage| &stage.name);
        names
            .filter(|name| self.options.no_cache.applies_to(name))
            .cloned()
            .collect()
    }

    /// Asks for all that a plan needs from outside.
    async fn lowering<'s>(
        &'s self,
        plan: &Plan,
        sources: &'s Sources,
        several: bool,
        epoch: Option<i64>,
    ) -> Result<(Lowering<'s>, Diagnostics), Failure> {
        let needs = stagefile_lower::needs(plan);
        let places = Places::new(sources, self.file.source_map().clone());
        let resolver = self.resolver(sources, &places);
        let main_context = async {
            if needs.paths.is_empty() {
                return Ok(None);
            }
            let files = self.main_context(plan, sources).await?;
            Ok::<_, Failure>(Some(files.with_paths(&needs.paths)))
        };
        let (main_context, images, layouts, contexts, runners) = Box::pin(try_join5(
            main_context,
            resolver.images(&needs),
            resolver.layouts(&needs),
            resolver.contexts(&needs),
            runner::find(self.client, &self.native, &needs),
        ))
        .await?;
        let mut lowering = Lowering {
            externals: Externals {
                images,
                layouts,
                contexts,
                main_context,
                ..Externals::default()
            },
            daemon: Daemon {
                support: self.client.capabilities().llb.clone(),
                native: self.native.clone(),
                runners,
            },
            options: BuildOptions {
                several_platforms: several,
                run: run_options::of(&self.options.process),
                no_cache: self.uncached(plan),
                cache_namespace: self
                    .options
                    .cache_mount_namespace
                    .clone()
                    .unwrap_or_default(),
                project: project::of(self.options, plan),
                lists_caches: self.lists_caches(),
                labels: self.options.labels.clone(),
                epoch,
            },
            lock: self.locked.lock(),
            now: self.now,
            nonce: self.nonce.clone(),
            ..Lowering::new(sources, places.clone())
        };
        let mut found = Diagnostics::under(plan.rules.clone());
        resolver.check_ignored(plan, &mut found);
        if found.has_errors() {
            return Err(mistakes::failure(sources, &found));
        }
        for (file, platform, span) in &needs.dockerfiles {
            let contexts = stagefile_lower::contexts_of(file, plan, &lowering, &mut found);
            if found.has_errors() {
                return Err(mistakes::failure(sources, &found));
            }
            let resolved = resolver.dockerfile(file, platform, *span, contexts).await?;
            let dockerfiles = &mut lowering.externals.dockerfiles;
            dockerfiles.insert(file.clone(), platform.clone(), resolved);
        }
        Ok((lowering, found))
    }

    /// Asks the daemon about images and contexts.
    fn resolver<'s>(&'s self, sources: &'s Sources, places: &'s Places<'s>) -> Resolver<'s> {
        Resolver {
            client: self.client,
            options: self.options,
            contexts: self.contexts,
            sources,
            places,
            native: &self.native,
            warned: &self.warned,
            images: &self.images,
            locked: self.locked,
            ignore_files: RefCell::default(),
        }
    }

    /// Makes the graph of a state, unless no daemon would build it.
    fn graph(
        &self,
        state: &State,
        sources: &Sources,
        target: &Platform,
    ) -> Result<Definition, Failure> {
        let options = marshalling(self.client, target);
        let definition = state.marshal(&options);
        let mut found = Diagnostics::default();
        stagefile_lower::verify(&definition, sources, &mut found);
        if found.has_errors() {
            return Err(mistakes::failure(sources, &found));
        }
        Ok(definition)
    }

    /// Says more of a failure than the daemon does: returns the error of paths that aren't there, and warns of other causes.
    async fn explain(
        &self,
        failure: &Failure,
        plan: &Plan,
        lowered: &Lowered,
        sources: &Sources,
        target: &Platform,
    ) -> Option<Failure> {
        let explained = self.missing_paths(failure, plan, lowered, sources, target);
        let explained = explained.await;
        if let Some(made_of) = self.extras.made_of.filter(|_| explained.is_none()) {
            self.warn(made_of).await;
        }
        if explained.is_none()
            && let Some((hint, span)) = failed_scripts::hint(failure, plan, sources)
        {
            let warning = Warning::new(hint).at(mistakes::excerpt(sources, span));
            _ = self.contexts.warn(self.file, warning).await;
        }
        explained
    }

    /// Builds the result.
    async fn solve(
        &self,
        lowered: &Lowered,
        plan: &Plan,
        sources: &Sources,
        target: &Platform,
        epoch: Option<i64>,
    ) -> Result<PlatformResult, Failure> {
        let built = &lowered.target;
        let definition = self.graph(&built.state, sources, target)?;
        let lazily = || {
            let request = SolveRequest::definition(&definition);
            request.cache_imports(&self.options.cache_imports)
        };
        // Built by the daemon once it is returned, nothing more could be said of a failure.
        let says_more = !lowered.taken.is_empty()
            || self.extras.made_of.is_some()
            || failed_scripts::has_some(plan);
        let evaluated = if says_more {
            Some(self.client.solve(lazily().evaluate()).await)
        } else {
            None
        };
        let solved = match evaluated {
            Some(Ok(solved)) => {
                let files = solved.single_reference();
                Box::pin(self.check_user(plan, built, files, sources)).await;
                solved
            }
            Some(Err(error)) => {
                let failure = Failure::from(error);
                let explained = self.explain(&failure, plan, lowered, sources, target);
                if let Some(explained) = Box::pin(explained).await {
                    return Err(explained);
                }
                // What has failed isn't run again. The client gets the graph to fail as ever: a debugger goes through its steps.
                self.client.solve(lazily()).await?
            }
            None => self.client.solve(lazily()).await?,
        };
        let mut result =
            PlatformResult::new(solved.single_reference().cloned()).config(&built.config);
        if let Some(base) = &built.base_config {
            result = result.base_config_json(base.clone());
        }
        Ok(match epoch {
            Some(seconds) => result.epoch(seconds),
            None => result,
        })
    }
}
