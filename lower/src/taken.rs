//! Paths that steps take from stages, images and contexts, to explain a missing path after a build has failed.

use buildkit_llb::State;
use stagefile_language::plan::{Action, Source, Step};
use stagefile_language::source::{Span, Spanned};
use stagefile_text::glob;

use super::building::Building;
use super::paths;

/// A path that a step takes, and that must exist.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The files that should contain it.
    pub state: State,
    /// The path in these files, without leading and trailing slashes.
    pub place: String,
    /// Whether it is a pattern.
    pub is_pattern: bool,
    /// The source of the files.
    pub source: Source,
    /// The location of the path.
    pub span: Span,
    /// The location of the step, whose lines the daemon knows.
    pub step: Span,
    /// The locations of the uses of the step's template.
    pub uses: Vec<Span>,
}

impl Building<'_> {
    /// Returns the paths that a step takes.
    pub(super) fn taken(&self, step: &Step) -> Vec<Taken> {
        let mut taken = Vec::new();
        let mut add = |source: &Spanned<Source>, path: &str, span: Span, is_pattern: bool| {
            let found = self.files(source, path);
            // The root always exists.
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
