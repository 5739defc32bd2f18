//! What comes from outside: as the daemon knows it, or as the file says it.

use std::borrow::Cow;

use buildkit_llb::{Platform, State};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::External;
use stagefile_language::source::Span;

use super::{Lowering, Resolved, support};

impl Lowering<'_> {
    /// Returns what something from outside holds, for a stage of this platform.
    pub fn external(
        &self,
        external: &External,
        stage: &Platform,
        span: Span,
    ) -> Option<Cow<'_, Resolved>> {
        let platform = external.platform(stage);
        let known = match external {
            External::Image(image, _) => self.images.get(image, platform),
            External::Context(name) => self.contexts.get(name, platform),
            External::Layout(layout, _) => self.layouts.get(layout, platform),
            External::Dockerfile(file, _) => self.dockerfiles.get(file, platform),
            External::Git(git) => return files(self.repository(git, span)),
            External::Http(http) => return files(self.file_on_server(http, span)),
        };
        known.map(Cow::Borrowed)
    }

    /// Reports what something from outside needs and the daemon lacks.
    pub fn check_external(&self, external: &External, span: Span, found: &mut Diagnostics) {
        self.refuse(&support::needs_of_external(external), span, found);
    }
}

fn files<'a>(state: Option<State>) -> Option<Cow<'a, Resolved>> {
    state.map(|state| Cow::Owned(Resolved::files(state)))
}
