//! Binds of patterns, which are replaced by binds of their matches.

use buildkit_llb::Platform;
use stagefile_text::pattern::Pattern;

use super::{Action, BindPattern, Mount, Plan, Source, Step};
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::source::Span;

/// The maximum number of paths that a bind pattern may match: each becomes a mount.
pub const MAX_MATCHES: usize = 1_000;

/// A pattern of a bind.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundPattern {
    /// The source in which it matches.
    pub source: Source,
    /// The platform for which the source is taken, if it depends on one.
    pub platform: Platform,
    /// The pattern, without leading and trailing slashes.
    pub pattern: String,
    /// The location.
    pub span: Span,
}

impl Plan {
    /// Returns the patterns of binds of the wanted stages, each once.
    pub fn bound_patterns(&self) -> Vec<BoundPattern> {
        let mut patterns: Vec<BoundPattern> = Vec::new();
        for stage in self.order().into_iter().map(|id| self.stage(id)) {
            for mount in stage.actions().flat_map(mounts) {
                if mount.pattern.is_none() {
                    continue;
                }
                let pattern = mount.path.trim_matches('/');
                let is_known = |other: &BoundPattern| {
                    other.pattern == pattern
                        && other.platform == stage.platform
                        && other.source == mount.source.value
                };
                if !patterns.iter().any(is_known) {
                    patterns.push(BoundPattern {
                        source: mount.source.value.clone(),
                        platform: stage.platform.clone(),
                        pattern: pattern.to_owned(),
                        span: mount.span,
                    });
                }
            }
        }
        patterns
    }

    /// Replaces binds of patterns with binds of their matches. Reports patterns that match nothing or too much; those
    /// without known matches are kept.
    pub fn place_matches(
        &mut self,
        matches: &[(BoundPattern, Vec<String>)],
        found: &mut Diagnostics,
    ) {
        if matches.is_empty() {
            return;
        }
        for id in self.order() {
            let stage = &mut self.stages[id.index()];
            let platform = stage.platform.clone();
            let matching = |mount: &Mount| {
                let mut known = matches.iter().filter(|(bound, _)| {
                    bound.pattern == mount.path.trim_matches('/')
                        && bound.platform == platform
                        && bound.source == mount.source.value
                });
                known.next().map(|(_, paths)| paths.as_slice())
            };
            place(&mut stage.steps, &matching, found);
        }
    }
}

fn mounts(action: &Action) -> &[Mount] {
    match action {
        Action::Run(run) => &run.settings.mounts,
        _ => &[],
    }
}

fn place<'m>(
    steps: &mut [Step],
    matching: &impl Fn(&Mount) -> Option<&'m [String]>,
    found: &mut Diagnostics,
) {
    for step in steps {
        let run = match &mut step.action {
            Action::Run(run) => run,
            Action::Parallel(branches) => {
                for branch in branches {
                    place(branch, matching, found);
                }
                continue;
            }
            _ => continue,
        };
        if run.settings.mounts.iter().all(|one| one.pattern.is_none()) {
            continue;
        }
        let mounts = std::mem::take(&mut run.settings.mounts);
        found.within(&step.uses, |found| {
            for mount in mounts {
                match (&mount.pattern, matching(&mount)) {
                    (Some(pattern), Some(paths)) => {
                        let placed = placed(&mount, pattern, paths, found);
                        run.settings.mounts.extend(placed);
                    }
                    _ => run.settings.mounts.push(mount),
                }
            }
        });
    }
}

/// Creates the mounts for the matches of a pattern.
fn placed(
    mount: &Mount,
    pattern: &BindPattern,
    paths: &[String],
    found: &mut Diagnostics,
) -> Vec<Mount> {
    let written = mount.path.trim_matches('/');
    let place = mount.source.value.description();
    if paths.is_empty() {
        let error = diagnostics::no_match(written, &place, mount.span);
        found.push(error);
    }
    if paths.len() > MAX_MATCHES {
        found.push(diagnostics::too_many_matches(
            written,
            mount.span,
            MAX_MATCHES,
        ));
        return Vec::new();
    }
    // As in a directory, a pattern without a slash matches names at any depth if it says so, else at the top level.
    let excluded: Vec<Pattern> = mount
        .exclude
        .iter()
        .map(|one| Pattern::of_ignore_file(one))
        .collect();
    let is_excluded = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        excluded.iter().any(|one| one.matches(name))
    };
    let paths = paths.iter().filter(|path| !is_excluded(path));
    paths
        .map(|path| Mount {
            path: format!("/{path}"),
            pattern: None,
            target: place_of(path, &pattern.to, pattern.parents),
            ..mount.clone()
        })
        .collect()
}

/// Returns the path at which a match is mounted: below `to`, under its own name or with its parent directories.
pub(crate) fn place_of(path: &str, to: &str, parents: bool) -> String {
    // `dist/` and `.` stand for the content, which has no name.
    let content = path.ends_with('/');
    let path = path.trim_matches('/');
    let name = match (parents, content) {
        (true, _) => path,
        (false, true) => "",
        (false, false) => path.rsplit('/').next().unwrap_or_default(),
    };
    match (to, name) {
        ("", "") => ".".to_owned(),
        (to, "") => to.to_owned(),
        ("", name) => name.to_owned(),
        (to, name) => format!("{}/{name}", to.trim_end_matches('/')),
    }
}
