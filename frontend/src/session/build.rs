//! Building a file for all platforms, and explaining failures.

use buildkit_gateway::{Attestation, BuildResult, Failure, PlatformResult, SolveRequest, Warning};
use buildkit_llb::{Definition, Platform, State};
use futures_util::future::{join, try_join, try_join_all};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::Plan;
use stagefile_language::source::Sources;
use stagefile_lower::Lowered;
use stagefile_text::visible;

use super::{
    Build, annotations, caches, evaluation, failed_scripts, marshalling, mistakes, reports, sbom,
    secrets, summary,
};

impl Build<'_> {
    /// Builds for all platforms concurrently. Independent requests are sent at the same time: a build without changes spends
    /// nearly all of its time waiting for answers.
    pub(super) async fn run(&self) -> Result<BuildResult, Failure> {
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
        // Warnings that all platforms share are sent once.
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
        // Platforms may share caches, which must not be filled twice.
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
                annotations.extend(annotations::collect(
                    plan,
                    target,
                    self.options.multi_platform,
                ));
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

    /// Creates the result for one platform: an image, or reports.
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

    /// Creates the graph of a state, unless no daemon would build it.
    pub(super) fn graph(
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

    /// Explains a failure beyond the daemon's message: returns the error for missing paths, and warns of other causes.
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

    /// Solves the result.
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
        // If the daemon built it only after it is returned, a failure couldn't be explained.
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
                // A failed step isn't run again. The client gets the graph that fails as usual: a debugger steps through it.
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
