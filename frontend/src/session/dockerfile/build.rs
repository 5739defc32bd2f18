//! Builds of Dockerfiles.

use std::cell::RefCell;
use std::collections::BTreeMap;

use buildkit_dockerfile::{
    Compilation, Compiled, Dockerfile, Finding, Fixer, OutlineSecret, Request,
};
use buildkit_gateway::context::{ContextFiles, Contexts, Entrypoint};
use buildkit_gateway::ignore::IgnoreFile;
use buildkit_gateway::sbom::{SbomScanner, SbomTarget};
use buildkit_gateway::{
    Attestation, BuildResult, Client, Error, Failure, ImageConfig, Options, PlatformResult,
    SolveRequest, SourcePosition, Warning,
};
use buildkit_llb::{Definition, Graph, Platform, State};
use futures_util::future::{join, join_all, try_join_all};
use stagefile_language::diagnostic::{self, Diagnostics};
use stagefile_language::diagnostics;
use stagefile_language::driver::Checked;
use stagefile_language::source::{Source, Sources};

use super::super::marshalling;
use super::problems::with_others;
use super::{Told, failure, position};
use crate::dockerfile::check::check;
use crate::dockerfile::offline::Setting;
use crate::session::lock::Locked;
use crate::session::secrets::is_missing;

/// A request about a Dockerfile.
pub(super) struct Session<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub contexts: &'a Contexts,
    pub file: &'a Entrypoint,
    pub dockerfile: &'a Dockerfile,
    /// The platforms on which builds run.
    pub build_platforms: &'a [Platform],
    /// The configs of images that have been resolved.
    pub configs: RefCell<BTreeMap<String, ImageConfig>>,
    /// The lock file next to the file that is built.
    pub locked: &'a Locked,
}

/// A compilation up to the creation of the graph, with the findings of rules, and the problem that stops it, if any.
pub(super) struct Evaluated<'a> {
    pub compilation: Option<Compilation<'a>>,
    pub findings: Vec<Finding>,
    pub problem: Option<Failure>,
    /// The build context, or the reason why it isn't available, which may not matter.
    context: Option<Result<ContextFiles, Failure>>,
}

impl<'a> Session<'a> {
    pub(super) async fn build(&self) -> Result<BuildResult, Failure> {
        let platforms: Vec<Option<&Platform>> = match self.options.platforms.as_slice() {
            [] => vec![None],
            platforms => platforms.iter().map(Some).collect(),
        };
        let scanner = match &self.options.attest.sbom {
            None => None,
            Some(sbom) => {
                let (native, mode) = (&self.build_platforms[0], self.options.resolve_mode);
                Some(SbomScanner::find(self.client, sbom, native, mode).await?)
            }
        };
        let evaluations = platforms
            .iter()
            .map(|platform| self.evaluate(*platform, false));
        let evaluations = join_all(evaluations).await;
        // Findings in a file are reported before its mistakes, whichever platform's build ends first.
        let findings = evaluations.first().map(|first| first.findings.clone());
        let warn = async {
            self.warn(&findings.unwrap_or_default()).await;
            self.warn_of_the_lock().await;
        };
        let builds = platforms.iter().zip(evaluations);
        let builds =
            builds.map(|(platform, evaluated)| self.finish(*platform, evaluated, scanner.as_ref()));
        let ((), built) = join(warn, try_join_all(builds)).await;
        let mut results = Vec::new();
        let mut attestations = Vec::new();
        for (platform, result, attestation) in built? {
            attestations.extend(attestation.map(|attestation| (platform.clone(), attestation)));
            results.push((platform, result));
        }
        let result = BuildResult::for_platforms(results, self.options.multi_platform);
        let attestations = attestations.into_iter();
        Ok(
            attestations.fold(result, |result, (platform, attestation)| {
                result.attestation(&platform, attestation)
            }),
        )
    }

    /// Creates the graph for a platform, with the parts of the build context that it uses.
    fn compile(
        &self,
        platform: Option<&Platform>,
        evaluated: Evaluated<'_>,
    ) -> Result<(Compiled, State, Vec<OutlineSecret>), Failure> {
        if let Some(problem) = evaluated.problem {
            return Err(self.with_other_mistakes(problem, platform));
        }
        let Some(compilation) = evaluated.compilation else {
            return Err(Failure::new("the Dockerfile can't be converted"));
        };
        if let Err(mistake) = compilation.check_graph() {
            let problem = failure(self.file, &mistake);
            return Err(self.with_other_mistakes(problem, platform));
        }
        let (context, missing) = match evaluated.context {
            Some(Ok(files)) => (files.with_paths(compilation.context_paths()), None),
            Some(Err(problem)) => (State::scratch(), Some(problem)),
            None => (State::scratch(), None),
        };
        let secrets = compilation.outline().secrets;
        let compiled = compilation.finish(&context);
        // If nothing in a directory is used, the client need not have it.
        if let Some(problem) = missing
            && (compiled.uses_context || compiled.scans_context)
        {
            return Err(problem);
        }
        Ok((compiled, context, secrets))
    }

    /// Compiles the target without building it.
    pub(super) async fn definition(
        &self,
        platform: Option<&'a Platform>,
    ) -> Result<Definition, Failure> {
        let evaluated = self.evaluate(platform, false).await;
        let (compiled, ..) = self.compile(platform, evaluated)?;
        let wanted = platform.unwrap_or(&self.build_platforms[0]);
        Ok(compiled.state.marshal(&marshalling(self.client, wanted)))
    }

    /// Creates a graph that is part of another one, which determines its platform and the daemon's capabilities.
    pub(super) async fn part(
        &self,
        platform: &Platform,
        told: Told,
    ) -> Result<(State, ImageConfig), Failure> {
        let evaluated = self.evaluate(Some(platform), false).await;
        if told.warnings {
            self.warn(&evaluated.findings).await;
        }
        let (compiled, _, secrets) = self.compile(Some(platform), evaluated)?;
        if told.secrets {
            self.preflight(&secrets).await?;
        }
        let options = marshalling(self.client, platform);
        let definition = compiled.state.marshal(&options);
        let state =
            State::from_definition(&definition).map_err(|error| Failure::new(error.to_string()))?;
        Ok((state, compiled.image))
    }

    /// Fails at the first use of a required secret that the client doesn't have.
    async fn preflight(&self, secrets: &[OutlineSecret]) -> Result<(), Failure> {
        let required: Vec<_> = secrets.iter().filter(|secret| secret.required).collect();
        let asked = required.iter();
        let asked = asked.map(|secret| is_missing(self.client, &secret.name));
        let missing = try_join_all(asked).await?;
        let source = self.source();
        let fixer = Fixer::new(source.text(), self.dockerfile);
        let mut found = Diagnostics::default();
        let mut failure = Failure::new("");
        for (secret, is_missing) in required.iter().zip(missing) {
            if is_missing {
                let place = fixer.place(secret.lines);
                let place = fixer.find(secret.lines, &secret.name).unwrap_or(place);
                let span = source.span(place.start, place.end);
                found.push(diagnostics::missing_secret(&secret.name, span));
                failure = failure.at(&position(self.file, secret.lines));
            }
        }
        if !found.has_errors() {
            return Ok(());
        }
        let sources = Sources::new(source.clone());
        let message = diagnostic::failure(&sources, &found);
        Err(failure.with_message(message.trim_end().to_owned()))
    }

    async fn finish(
        &self,
        platform: Option<&Platform>,
        evaluated: Evaluated<'_>,
        scanner: Option<&SbomScanner>,
    ) -> Result<(Platform, PlatformResult, Option<Attestation>), Failure> {
        let (compiled, context, _) = self.compile(platform, evaluated)?;
        let wanted = platform.unwrap_or(&self.build_platforms[0]);
        let options = marshalling(self.client, wanted);
        let definition = compiled.state.marshal(&options);
        if let Some(problem) = self.lacking(&definition) {
            return Err(problem);
        }
        let lazily =
            || SolveRequest::definition(&definition).cache_imports(&self.options.cache_imports);
        // If the daemon built it only after it is returned, a failure couldn't be explained.
        let request = if compiled.source_paths.is_empty() {
            lazily()
        } else {
            lazily().evaluate()
        };
        let solved = match self.client.solve(request).await {
            Ok(solved) => solved,
            Err(error) => {
                let failure = Failure::from(error);
                let explained = self.missing_path(&failure, &compiled.source_paths, wanted);
                if let Some(explained) = Box::pin(explained).await {
                    return Err(explained);
                }
                // A failed step isn't run again. The client gets the graph that fails as usual: a debugger steps through it.
                self.client.solve(lazily()).await?
            }
        };
        let mut result =
            PlatformResult::new(solved.single_reference().cloned()).config(&compiled.image);
        if let Some(base) = &compiled.base_image {
            result = result.base_config_json(base.to_json());
        }
        if let Some(seconds) = compiled.epoch {
            result = result.epoch(seconds);
        }
        let attestation = match scanner {
            None => None,
            Some(scanner) => {
                let target = Self::scanned(&compiled, &context, wanted);
                Some(scanner.attest(self.client, &target).await?)
            }
        };
        Ok((wanted.clone(), result, attestation))
    }

    /// Reports all mistakes of a file that replaces this one, as far as they are known without further requests.
    pub(super) fn check(&self, source: &Source, platform: Option<&Platform>) -> Checked {
        let setting = Setting {
            options: self.options.clone(),
            platform: platform.cloned(),
            build_platforms: self.build_platforms.to_vec(),
            support: self.client.capabilities().llb.clone(),
            map: self.file.source_map().clone(),
            ignored: Vec::new(),
            configs: self.configs.borrow().clone(),
            contexts: BTreeMap::new(),
        };
        let sources = Sources::new(source.clone());
        let mut found = Diagnostics::default();
        check(sources.main(), &setting, &mut found);
        Checked {
            sources,
            plan: None,
            wanted: Vec::new(),
            imports: Vec::new(),
            found,
        }
    }

    /// Adds the other mistakes of the file to the one that Docker's frontend reports, of which clients show an excerpt.
    fn with_other_mistakes(&self, problem: Failure, platform: Option<&Platform>) -> Failure {
        let checked = self.check(&self.source(), platform);
        with_others(problem, &checked.sources, &checked.found)
    }

    /// Returns the file as text.
    pub(super) fn source(&self) -> Source {
        let text = String::from_utf8_lossy(self.file.text());
        Source::new(self.file.filename(), text)
    }

    /// Returns an error for the instruction that needs a capability that the daemon lacks; `None` if all are supported.
    fn lacking(&self, definition: &Definition) -> Option<Failure> {
        let support = &self.client.capabilities().llb;
        definition.check(support).err()?;
        let graph = Graph::read(definition).ok()?;
        let files = definition.source()?.files();
        let lacking = graph.vertices().iter().filter_map(|vertex| {
            // A download of an `ADD` has no location of its own.
            let inputs = graph.inputs_of(vertex).map(|(input, _)| input);
            let downloads = inputs.filter(|input| input.locations().is_empty());
            let error = std::iter::once(vertex)
                .chain(downloads)
                .find_map(|vertex| vertex.metadata().check(support).err())?;
            let location = vertex.locations().first()?;
            let position = SourcePosition {
                file: files.get(usize::try_from(location.file()).ok()?)?.clone(),
                ranges: location.ranges().to_vec(),
            };
            let line = position.ranges.first()?.start.line;
            Some((line, Failure::from(Error::from(error)).at(&position)))
        });
        let first = lacking.min_by_key(|(line, _)| *line);
        first.map(|(_, failure)| failure)
    }

    fn scanned(compiled: &Compiled, context: &State, platform: &Platform) -> SbomTarget {
        let mut target = SbomTarget::new(compiled.state.clone(), platform);
        if compiled.scans_context {
            target = target.extra("context", context.clone());
        }
        for (name, state) in &compiled.scanned {
            target = target.extra(name, state.clone());
        }
        if compiled.ignores_cache {
            target = target.ignore_cache();
        }
        target
    }

    /// Converts the file up to the creation of the graph.
    pub(super) async fn evaluate(
        &self,
        platform: Option<&'a Platform>,
        all_stages: bool,
    ) -> Evaluated<'a> {
        let request = Request {
            options: self.options,
            platform,
            build_platforms: self.build_platforms,
            support: &self.client.capabilities().llb,
            source_map: self.file.source_map(),
            all_stages,
        };
        let mut compilation = match Compilation::new(self.dockerfile, request) {
            Ok(compilation) => compilation,
            Err(failed) => {
                return Evaluated {
                    compilation: None,
                    problem: Some(failure(self.file, &failed.mistake)),
                    findings: failed.findings,
                    context: None,
                };
            }
        };
        let (context, result) = self.evaluate_all(&mut compilation).await;
        let findings = compilation.findings().to_vec();
        let problem = result.err();
        Evaluated {
            compilation: Some(compilation),
            findings,
            problem,
            context: Some(context),
        }
    }

    /// Does all look-ups, and processes all instructions. The ignore file of the build context is always read: it takes no extra
    /// time, and provenance records it together with the context, as in Docker's frontend.
    async fn evaluate_all(
        &self,
        compilation: &mut Compilation<'a>,
    ) -> (Result<ContextFiles, Failure>, Result<(), Failure>) {
        let mistake = |mistake| failure(self.file, &mistake);
        let resolve = async {
            loop {
                let needs = compilation.needs().map_err(mistake)?;
                if needs.is_empty() {
                    return Ok::<_, Failure>(());
                }
                for answer in self.look_up(needs).await? {
                    compilation.answer(answer).map_err(mistake)?;
                }
            }
        };
        let (context, resolved) = join(self.contexts.main(self.file), resolve).await;
        let context = context.map_err(Failure::from);
        if let Err(problem) = resolved {
            return (context, Err(problem));
        }
        let ignore_file = context.as_ref().ok().and_then(ContextFiles::ignore_file);
        let ignored = ignore_file.into_iter().flat_map(IgnoreFile::patterns);
        let ignored: Vec<String> = ignored.map(str::to_owned).collect();
        compilation.pin(self.locked.pins());
        let evaluated = compilation.evaluate(&ignored).map_err(mistake);
        let evaluated =
            evaluated.and_then(
                |()| match self.locked.note_downloads(compilation.downloads()) {
                    Some((lines, lacking)) => {
                        Err(Failure::new(lacking).at(&position(self.file, lines)))
                    }
                    None => Ok(()),
                },
            );
        (context, evaluated)
    }

    /// Warns of what the lock file lacks.
    async fn warn_of_the_lock(&self) {
        for (lines, message) in self.locked.lacking(self.file) {
            let mut warning = Warning::new(message);
            if let Some(lines) = lines {
                warning = warning.at(position(self.file, lines));
            }
            _ = self.contexts.warn(self.file, warning).await;
        }
    }

    /// Sends the findings of rules. Failing to send them doesn't end a build.
    pub(super) async fn warn(&self, findings: &[Finding]) {
        for finding in findings {
            let line = finding.lines.map_or(0, |lines| lines.first);
            let place = if line > 0 {
                format!(" (line {line})")
            } else {
                String::new()
            };
            let message = format!("{}: {}{place}", finding.rule.name, finding.message);
            let mut warning = Warning::new(message)
                .detail(finding.rule.description)
                .url(finding.rule.url());
            if let Some(lines) = finding.lines {
                warning = warning.at(position(self.file, lines));
            }
            _ = self.contexts.warn(self.file, warning).await;
        }
    }
}
