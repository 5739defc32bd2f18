//! Inspection of the build context before a build, or for a check: which of the paths used are ignored or missing.
//!
//! Ignored paths are determined without the daemon. The daemon is asked whether the other paths exist at the same time as it is
//! asked about images, and only transfers names. Similar names are only requested if a path is missing.

use std::collections::BTreeMap;

use buildkit_gateway::Failure;
use buildkit_gateway::context::ContextFiles;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::Checked;
use stagefile_language::plan::{Plan, context_name};
use stagefile_language::source::Sources;

use super::{Build, mistakes};
use crate::context::{Examination, Listing, Look};
use crate::dockerfile::part::{self, Known};
use crate::tools::outline::OfDockerfiles;

impl Build<'_> {
    /// Returns the build context, unless a path that the plan uses is ignored or missing.
    pub(super) async fn main_context(
        &self,
        plan: &Plan,
        sources: &Sources,
    ) -> Result<ContextFiles, Failure> {
        let mut found = Diagnostics::under(plan.rules.clone());
        let files = self.examine(plan, true, &mut found).await?;
        if found.has_errors() {
            return Err(mistakes::failure(sources, &found));
        }
        Ok(files)
    }

    /// Checks the build context for a plan. A context that can't be inspected has no mistakes.
    pub(super) async fn check_context(&self, plan: &Plan, found: &mut Diagnostics) {
        _ = self.examine(plan, false, found).await;
        for name in self.options.files.named_contexts.keys() {
            let name = context_name(name);
            let mut examination = Examination::of_context(plan, name);
            if examination.is_over() {
                continue;
            }
            let context = self.contexts.named(name, None).await.ok().flatten();
            if let Some(file) = context.as_ref().and_then(|one| one.files.ignore_file()) {
                examination.ignore(file, found);
            }
        }
    }

    /// Returns what is known for the inspection of the stages' Dockerfiles.
    fn known(&self) -> Known {
        Known {
            native: self.native.clone(),
            configs: BTreeMap::new(),
            ignore: Vec::new(),
        }
    }

    /// Adds what the stages' Dockerfiles need from the client to an outline.
    pub(super) async fn outline_dockerfiles(
        &self,
        plan: &Plan,
        sources: &mut Sources,
    ) -> OfDockerfiles {
        let mut outline = OfDockerfiles::default();
        for part in part::of_plan(plan) {
            if let Ok(text) = self.context_file(&part.file.path).await {
                let text = String::from_utf8_lossy(&text);
                part.outline(&text, &self.known(), sources, &mut outline);
            }
        }
        outline
    }

    /// Checks the stages' Dockerfiles. A Dockerfile that can't be read is reported by the build.
    pub(super) async fn check_dockerfiles(&self, checked: &mut Checked) {
        let known = self.known();
        for part in part::files(checked) {
            if let Ok(text) = self.context_file(&part.file.path).await {
                part.check(&String::from_utf8_lossy(&text), &known, checked);
            }
        }
    }

    async fn examine(
        &self,
        plan: &Plan,
        builds: bool,
        found: &mut Diagnostics,
    ) -> Result<ContextFiles, Failure> {
        let mut examination = Examination::new(plan);
        let (files, mut listing) = self.main_and_list(&examination).await?;
        let ignore_file = files.ignore_file();
        if let Some(file) = ignore_file.filter(|_| !examination.is_over()) {
            examination.ignore(file, found);
        }
        // If a directory can't be listed now, the build itself will report what is missing.
        let list = async |look: &Look| {
            let stats = self.contexts.list(&files, &look.paths, &look.without).await;
            stats.ok().flatten().map(Listing::from_iter)
        };
        let Some(look) = examination.look(ignore_file) else {
            return Ok(files);
        };
        if listing.is_none() {
            listing = list(&look).await;
        }
        let Some(mut listing) = listing else {
            return Ok(files);
        };
        while let Some(look) = examination.compare(&listing, ignore_file) {
            listing.extend(list(&look).await.unwrap_or_default());
        }
        examination.report(&listing, builds, found);
        Ok(files)
    }

    /// Returns the build context, and lists the paths if they can be requested together with its ignore file: if there are few,
    /// including files that the ignore file excludes.
    async fn main_and_list(
        &self,
        examination: &Examination<'_>,
    ) -> Result<(ContextFiles, Option<Listing>), Failure> {
        let Some(look) = examination.look(None).filter(|look| look.is_narrow) else {
            return Ok((self.contexts.main(self.file).await?, None));
        };
        let both = (self.contexts).main_and_list(self.file, &look.paths, &look.without);
        let (files, stats) = both.await?;
        Ok((files, stats.map(Listing::from_iter)))
    }
}

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{ask, daemon, lines};

    /// A directory of the client has its own ignore file, whatever the directory is called.
    #[tokio::test]
    async fn what_a_named_context_excludes_is_missed_before_the_build() {
        let file = "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: a.log
        from: given
";
        let files = [(".dockerignore", "*.log\n"), ("a.log", "")];
        let given = ("context:given", "local:given");
        let failure = ask(&daemon(file).local("given", files), &[given])
            .await
            .unwrap_err();
        assert!(failure.message().contains("is excluded from"), "{failure}");
        assert_eq!(lines(&failure), [6]);
        ask(&daemon(file).local("given", [files[1]]), &[given])
            .await
            .unwrap();
    }
}
