//! Looking at the build context before a build, or for a check: which paths of it are used, ignored, or not there.
//!
//! What the ignore file excludes is known without asking anybody. Which of the other paths are there, the daemon is asked at the
//! same time as it is asked about images, and it is told names only; what is there instead, only if something is missing.

use buildkit_gateway::Failure;
use buildkit_gateway::context::ContextFiles;

use super::{Build, mistakes};
use crate::context::{Examination, Listing};
use crate::diagnostic::Diagnostics;
use crate::plan::Plan;
use crate::source::Sources;

impl Build<'_> {
    /// Gives the build context, unless a path that the plan uses of it is ignored or not there.
    pub(super) async fn main_context(
        &self,
        plan: &Plan,
        sources: &Sources,
    ) -> Result<ContextFiles, Failure> {
        let files = self.contexts.main(self.file).await?;
        let mut found = Diagnostics::under(plan.rules.clone());
        self.examine(plan, &files, true, &mut found).await;
        if found.has_errors() {
            return Err(mistakes::failure(sources, &found));
        }
        Ok(files)
    }

    /// Checks the build context for a plan. A context that can't be looked at has nothing wrong.
    pub(super) async fn check_context(&self, plan: &Plan, found: &mut Diagnostics) {
        if let Ok(files) = self.contexts.main(self.file).await {
            self.examine(plan, &files, false, found).await;
        }
    }

    async fn examine(
        &self,
        plan: &Plan,
        files: &ContextFiles,
        builds: bool,
        found: &mut Diagnostics,
    ) {
        let mut examination = Examination::new(plan);
        let ignore_file = files.ignore_file();
        if let Some(file) = ignore_file.filter(|_| !examination.is_over()) {
            examination.ignore(file, found);
        }
        let Some(look) = examination.look(ignore_file) else {
            return;
        };
        // What can't be listed now is missed by the build itself.
        let list = async |paths: &[String], without: &[String]| {
            let stats = self.contexts.list(files, paths, without).await;
            stats.ok().flatten().map(Listing::from_iter)
        };
        let Some(mut listing) = list(&look.paths, &look.without).await else {
            return;
        };
        while let Some(look) = examination.compare(&listing, ignore_file) {
            let names = list(&look.paths, &look.without).await;
            listing.extend(names.unwrap_or_default());
        }
        examination.report(&listing, builds, found);
    }
}
