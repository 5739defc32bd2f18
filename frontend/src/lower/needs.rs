//! What a plan needs from outside, so that it can be asked for all at once.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;

use super::limits::affinity;
use super::paths;
use crate::plan::{
    Action, Base, DockerfileSource, External, ImageSource, LayoutSource, Plan, Source,
};
use crate::source::{Span, Spanned};

/// What a plan needs from outside, each with the first place that names it.
#[derive(Debug, Default)]
pub struct Needs {
    /// Images, each for a platform.
    pub images: BTreeMap<(ImageSource, Platform), Span>,
    /// Images of OCI layouts, each for a platform.
    pub layouts: BTreeMap<(LayoutSource, Platform), Span>,
    /// Contexts that the client gave, each for a platform, with the paths that are used of them.
    pub contexts: BTreeMap<(String, Platform), (Span, BTreeSet<String>)>,
    /// Dockerfiles, each for a platform, those first whose results others need.
    pub dockerfiles: Vec<(DockerfileSource, Platform, Span)>,
    /// Paths of the build context.
    pub paths: BTreeSet<String>,
    /// The platforms on which processes need our own program.
    pub tools: BTreeSet<Platform>,
    /// Whether our own program looks at files, for which any platform does.
    pub examines: bool,
}

/// Lists what a plan needs from outside.
pub fn needs(plan: &Plan) -> Needs {
    let mut needs = Needs::default();
    for id in plan.order() {
        let stage = plan.stage(id);
        if let Base::External(external) = &stage.base.value {
            let all = vec!["/".to_owned()];
            needs.add(external, &stage.platform, stage.base.span, all);
        }
        let assertions = &stage.assertions;
        needs.examines |= !assertions.files.is_empty();
        let supervised = stage.actions().any(|action| match action {
            // Whether the daemon can limit what a script uses, is asked later.
            Action::Run(run) => {
                run.supervision.is_needed() || !affinity(&run.settings.limits).is_any()
            }
            _ => false,
        });
        if supervised || !assertions.commands.is_empty() {
            needs.tools.insert(stage.platform.clone());
        }
        for (source, paths) in stage.actions().flat_map(used_paths) {
            match &source.value {
                Source::MainContext => needs.paths.extend(paths),
                Source::External(external) => {
                    needs.add(external, &stage.platform, source.span, paths);
                }
                Source::Stage(_) | Source::Output(..) => {}
            }
        }
    }
    needs
}

impl Needs {
    /// Lists what it takes to read one file from outside.
    pub fn of_file(external: &External, path: &str, platform: &Platform, span: Span) -> Self {
        let mut needs = Self::default();
        needs.add(external, platform, span, vec![path.to_owned()]);
        needs
    }

    fn add(&mut self, external: &External, stage: &Platform, span: Span, paths: Vec<String>) {
        let platform = external.platform(stage).clone();
        match external {
            External::Image(image, _) => {
                let key = (image.clone(), platform);
                self.images.entry(key).or_insert(span);
            }
            External::Layout(layout, _) => {
                let key = (layout.clone(), platform);
                self.layouts.entry(key).or_insert(span);
            }
            External::Context(name) => {
                let entry = self.contexts.entry((name.clone(), platform));
                entry
                    .or_insert_with(|| (span, BTreeSet::new()))
                    .1
                    .extend(paths);
            }
            External::Dockerfile(file, _) => {
                let known = |other: &(DockerfileSource, Platform, Span)| {
                    other.0 == **file && other.1 == platform
                };
                if !self.dockerfiles.iter().any(known) {
                    self.dockerfiles.push((*file.clone(), platform, span));
                }
            }
            // What they are is in the file.
            External::Git(_) | External::Http(_) => {}
        }
    }
}

/// Lists the sources of an action with the paths that are used of them.
fn used_paths(action: &Action) -> Vec<(&Spanned<Source>, Vec<String>)> {
    match action {
        Action::Run(run) => {
            let mounts = run.settings.mounts.iter();
            let mounts = mounts.map(|mount| (&mount.source, vec![mount.path.clone()]));
            let caches = run.settings.caches.iter();
            let seeds = caches.filter_map(|cache| cache.from.as_ref());
            mounts
                .chain(seeds.map(|(source, path)| (source, vec![path.clone()])))
                .collect()
        }
        Action::Copy(copy) => {
            let paths = copy.paths.iter().map(|path| paths::clean(path));
            vec![(&copy.source, paths.collect())]
        }
        _ => Vec::new(),
    }
}
