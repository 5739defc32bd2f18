//! Conversion of the file to a plan, including requests for files and images.

use buildkit_gateway::Failure;
use buildkit_llb::Platform;
use stagefile_language::driver::{Checked, check_with};
use stagefile_language::expression::Platforms;
use stagefile_language::plan::{Bases, CACHES_CONTEXT, Request, context_name};
use stagefile_language::source::Source;

use super::{Build, EPOCH, bases, vcs};

impl Build<'_> {
    /// Reads and plans the file for a platform.
    pub(super) async fn check(&self, target: &Platform) -> Result<Checked, Failure> {
        self.check_source(self.source, target).await
    }

    /// Reads and plans another source in place of the file.
    pub(super) async fn check_source(
        &self,
        source: &Source,
        target: &Platform,
    ) -> Result<Checked, Failure> {
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

    /// Reads the file and its imports, and plans it as far as possible without asking about images.
    pub(super) async fn check_imports(
        &self,
        source: &Source,
        target: &Platform,
    ) -> (Checked, Request) {
        let platforms = Platforms {
            target: target.clone(),
            build: self.native.clone(),
        };
        let mut args = self.options.build_args.clone();
        // It has the same meaning in all files that declare it, and none in others.
        if let Some(epoch) = self.epoch {
            args.insert(EPOCH.to_owned(), epoch.to_string());
        }
        let contexts = self.options.files.named_contexts.keys().cloned();
        let request = Request {
            args,
            // All stages are wanted in this case; the default target is just one of them.
            target: self
                .options
                .target
                .clone()
                .filter(|_| !self.exports_caches()),
            platforms,
            vcs: vcs::read(self.options),
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
}
