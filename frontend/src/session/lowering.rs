//! Conversion of a plan to a graph, with the external sources resolved by the daemon.

use std::cell::RefCell;
use std::collections::BTreeSet;

use buildkit_gateway::Failure;
use futures_util::future::try_join5;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::Plan;
use stagefile_language::source::Sources;
use stagefile_lower::{BuildOptions, Daemon, Externals, Lowered, Lowering, SourceMaps};

use super::resolver::Resolver;
use super::{Build, mistakes, project, run_options, runner};

impl Build<'_> {
    pub(super) async fn lower(
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

    /// Returns the stages that the client wants to build without the cache.
    fn uncached(&self, plan: &Plan) -> BTreeSet<String> {
        let names = plan.stages.iter().map(|stage| &stage.name);
        names
            .filter(|name| self.options.no_cache.applies_to(name))
            .cloned()
            .collect()
    }

    /// Requests all external sources that a plan needs.
    pub(super) async fn lowering<'s>(
        &'s self,
        plan: &Plan,
        sources: &'s Sources,
        several: bool,
        epoch: Option<i64>,
    ) -> Result<(Lowering<'s>, Diagnostics), Failure> {
        let needs = stagefile_lower::needs(plan);
        let source_maps = SourceMaps::new(sources, self.file.source_map().clone());
        let resolver = self.resolver(sources, &source_maps);
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
                run: run_options::from_process_options(&self.options.process),
                no_cache: self.uncached(plan),
                cache_namespace: self
                    .options
                    .cache_mount_namespace
                    .clone()
                    .unwrap_or_default(),
                project: project::identity(self.options, plan),
                lists_caches: self.lists_caches(),
                labels: self.options.labels.clone(),
                epoch,
            },
            lock: self.locked.lock(),
            now: self.now,
            nonce: self.nonce.clone(),
            ..Lowering::new(sources, source_maps.clone())
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

    /// Creates the resolver of images and contexts.
    pub(super) fn resolver<'s>(
        &'s self,
        sources: &'s Sources,
        source_maps: &'s SourceMaps<'s>,
    ) -> Resolver<'s> {
        Resolver {
            client: self.client,
            options: self.options,
            contexts: self.contexts,
            sources,
            source_maps,
            native: &self.native,
            warned: &self.warned,
            known: &self.known,
            locked: self.locked,
            ignore_files: RefCell::default(),
        }
    }
}
