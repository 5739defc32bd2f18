//! What steps take of stages, images and contexts: once a build has failed, a path that isn't there can be explained.

use buildkit_llb::State;
use stagefile_language::plan::{Action, Source, Step};
use stagefile_language::source::{Span, Spanned};
use stagefile_text::glob;

use super::building::Building;
use super::paths;

/// A path that a step takes, and that has to be there.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The files that it is looked for in.
    pub state: State,
    /// The path in them, without a slash at its ends.
    pub place: String,
    /// Whether it is a pattern.
    pub is_pattern: bool,
    /// What the files are of.
    pub source: Source,
    /// Where the path is written.
    pub span: Span,
    /// The step, of which the daemon knows the lines.
    pub step: Span,
    /// Where the template is used that the step is of.
    pub uses: Vec<Span>,
}

impl Building<'_> {
    /// Lists what a step takes.
    pub(super) fn taken(&self, step: &Step) -> Vec<Taken> {
        let mut taken = Vec::new();
        let mut add = |source: &Spanned<Source>, path: &str, span: Span, is_pattern: bool| {
            let found = self.files(source, path);
            // All files of something are there.
            let found = found.filter(|(_, place)| !matches!(place.trim_matches('/'), "" | "."));
            taken.extend(found.map(|(state, place)| Taken {
                state,
                place: paths::clean(&place).trim_matches('/').to_owned(),
                is_pattern,
                source: source.value.clone(),
                span,
                step: step.span,
                uses: step.uses.clone(),
            }));
        };
        match &step.action {
            Action::Copy(copy) if !copy.optional => {
                for path in &copy.paths {
                    let is_pattern = copy.glob && glob::is_pattern(&path.value);
                    add(&copy.source, &path.value, path.span, is_pattern);
                }
            }
            Action::Run(run) => {
                let mounts = run.settings.mounts.iter();
                for mount in mounts.filter(|mount| mount.pattern.is_none()) {
                    add(&mount.source, &mount.path, mount.span, false);
                }
                for cache in &run.settings.caches {
                    if let Some((source, path)) = &cache.from {
                        add(source, path, source.span, false);
                    }
                }
            }
            _ => {}
        }
        taken
    }
}
