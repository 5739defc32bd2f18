//! Looking at the build context before a build, or for a check: which paths of it are used, ignored, or not there.
//!
//! What the ignore file excludes is known without asking anybody. Which of the other paths are there, the daemon is asked at the
//! same time as it is asked about images, and it is told names only; what is there instead, only if something is missing.

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
    /// Gives the build context, unless a path that the plan uses of it is ignored or not there.
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

    /// Checks the build context for a plan. A context that can't be looked at has nothing wrong.
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

    /// What is known for a look at the Dockerfiles that stages start from.
    fn known(&self) -> Known {
        Known {
            native: self.native.clone(),
            configs: BTreeMap::new(),
            ignore: Vec::new(),
        }
    }

    /// Says what the Dockerfiles that stages start from need of the client.
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

    /// Checks the Dockerfiles that stages start from. One that can't be read is the build's to report.
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
        // What can't be listed now is missed by the build itself.
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

    /// Gives the build context, and what there is of the paths if that can be asked together with its ignore file: if that is
    /// little, whatever the ignore file excludes.
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
    use super::super::asking::{ask, daemon, lines};

    /// A directory of the client's has its own ignore file, whatever it is called.
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
