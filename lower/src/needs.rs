//! The external sources that a plan needs, so that all of them can be requested at once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use buildkit_llb::Platform;
use stagefile_language::plan::{
    Action, Base, DockerfileSource, External, ImageSource, LayoutSource, Plan, Source, WantedBase,
};
use stagefile_language::source::{Span, Spanned};
use stagefile_text::glob;

use super::by_platform::ByPlatform;
use super::limits::affinity;
use super::paths;

/// The external sources that a plan needs, each with the first location that names it.
#[derive(Debug, Default)]
pub struct Needs {
    /// Images, by platform.
    pub images: ByPlatform<ImageSource, Span>,
    /// Images in OCI layouts, by platform.
    pub layouts: ByPlatform<LayoutSource, Span>,
    /// Named contexts, by platform, with the paths that are used of them.
    pub contexts: ByPlatform<String, (Span, BTreeSet<String>)>,
    /// Dockerfiles, with their platforms, ordered so that each comes before the ones that need its
    /// result.
    pub dockerfiles: Vec<(DockerfileSource, Platform, Span)>,
    /// Paths of the build context.
    pub paths: BTreeSet<String>,
    /// The platforms on which processes need our own program.
    pub runners: BTreeSet<Platform>,
    /// Whether our own program inspects or counts files, which it can do on any platform.
    pub examines: bool,
}

/// Returns the external sources that a plan needs.
pub fn needs(plan: &Plan) -> Needs {
    let mut needs = Needs::default();
    for id in plan.order() {
        let stage = plan.stage(id);
        if let Base::External(external) = &stage.base.value {
            needs.add(external, &stage.platform, stage.base.span, "/");
        }
        let assertions = &stage.assertions;
        needs.examines |= !assertions.files.is_empty() || stage.actions().any(counts);
        // Whether the daemon can limit a script's resources is determined later.
        let supervised = stage
            .runs()
            .any(|run| run.supervision.is_needed() || !affinity(&run.settings.limits).is_any());
        if supervised || !assertions.commands.is_empty() {
            needs.runners.insert(stage.platform.clone());
        }
        for (source, path) in stage.actions().flat_map(used_paths) {
            match &source.value {
                Source::MainContext => _ = needs.paths.insert(paths::clean(&path)),
                Source::External(external) => {
                    needs.add(external, &stage.platform, source.span, &path);
                }
                Source::Stage(_) | Source::Output(..) => {}
            }
        }
    }
    needs
}

/// Reports whether our own program counts the matches of a pattern.
fn counts(action: &Action) -> bool {
    matches!(action, Action::Copy(copy) if copy.is_of_one_match())
}

impl Needs {
    /// Returns what is needed to read one file from an external source.
    pub fn of_file(external: &External, path: &str, platform: &Platform, span: Span) -> Self {
        let mut needs = Self::default();
        needs.add(external, platform, span, path);
        needs
    }

    /// Returns what is needed to get the configs of bases.
    pub fn of_bases(bases: &[WantedBase]) -> Self {
        let mut needs = Self::default();
        for base in bases {
            needs.add(&base.external, &base.platform, base.span, "/");
        }
        needs
    }

    fn add(&mut self, external: &External, stage: &Platform, span: Span, path: &str) {
        let platform = external.platform(stage);
        match external {
            External::Image(image, _) => {
                if self.images.get(image, platform).is_none() {
                    self.images.insert(image.clone(), platform.clone(), span);
                }
            }
            External::Layout(layout, _) => {
                if self.layouts.get(layout, platform).is_none() {
                    self.layouts.insert(layout.clone(), platform.clone(), span);
                }
            }
            External::Context(name) => {
                let path = paths::clean(path);
                if let Some((_, paths)) = self.contexts.get_mut(name, platform) {
                    paths.insert(path);
                } else {
                    let paths = (span, [path].into());
                    self.contexts.insert(name.clone(), platform.clone(), paths);
                }
            }
            External::Dockerfile(file, _) => {
                let known = |other: &(DockerfileSource, Platform, Span)| {
                    other.0 == **file && other.1 == *platform
                };
                if !self.dockerfiles.iter().any(known) {
                    let file = (**file).clone();
                    self.dockerfiles.push((file, platform.clone(), span));
                }
            }
            // The file defines these completely.
            External::Git(_) | External::Http(_) => {}
        }
    }
}

/// Iterates over the sources of an action and the paths that are used of them, as patterns.
fn used_paths(action: &Action) -> impl Iterator<Item = (&Spanned<Source>, Cow<'_, str>)> {
    let (run, copy) = match action {
        Action::Run(run) => (Some(&run.settings), None),
        Action::Copy(copy) => (None, Some(copy)),
        _ => (None, None),
    };
    let within = match action {
        Action::Run(run) => run.within.as_ref(),
        _ => None,
    };
    let within = within.map(|source| (source, Cow::Borrowed("/")));
    let used = run.into_iter().flat_map(|settings| {
        let mounts = settings.mounts.iter();
        let mounts = mounts.map(|mount| {
            let globs = mount.pattern.is_some();
            (&mount.source, glob::pattern(&mount.path, globs))
        });
        let seeds = settings
            .caches
            .iter()
            .filter_map(|cache| cache.from.as_ref());
        mounts.chain(seeds.map(|(source, path)| (source, glob::pattern(path, false))))
    });
    let copied = copy.into_iter().flat_map(|copy| {
        let paths = copy.paths.iter();
        paths.map(|path| (&copy.source, glob::pattern(&path.value, copy.glob)))
    });
    within.into_iter().chain(used).chain(copied)
}

#[cfg(test)]
mod tests {
    use super::super::test_plans::planned;
    use super::*;

    fn needs_of(steps: &str) -> Needs {
        let text = format!("stages: {{ app: {{ from: busybox, steps: [{steps}] }} }}\n");
        needs(&planned(&text).0)
    }

    #[test]
    fn our_program_is_needed_by_what_it_does_alone() {
        let amd64 = [Platform::new("linux", "amd64")];
        for (steps, examines, runs) in [
            ("run: make", false, false),
            ("copy: src", false, false),
            ("copy: 'src/*.c', glob: true, to: all/", false, false),
            ("copy: 'src/*.c', glob: true, to: main.c", true, false),
            ("run: make, timeout: 5m", false, true),
            ("run: make, limits: { cpus: 2 }", false, true),
        ] {
            let needs = needs_of(&format!("{{ {steps} }}"));
            assert_eq!(needs.examines, examines, "{steps}");
            let runners: &[Platform] = if runs { &amd64 } else { &[] };
            assert!(needs.runners.iter().eq(runners), "{steps}");
        }
    }

    #[test]
    fn everything_is_needed_once_with_all_paths_of_it() {
        let needs = needs_of(
            "{ copy: [a, b/], from: busybox }, { run: make, bind: [c, 'd*'] }, { copy: c }, { copy: e, from: given }, { copy: /f, from: given }",
        );
        assert_eq!(needs.images.iter().count(), 1);
        assert!(needs.paths.iter().eq(["/c", "/d*"]), "{:?}", needs.paths);
        let mut contexts = needs.contexts.iter();
        let (name, _, (_, paths)) = contexts.next().unwrap();
        assert_eq!((name.as_str(), contexts.next().is_none()), ("given", true));
        assert!(paths.iter().eq(["/e", "/f"]), "{paths:?}");
    }

    #[test]
    fn what_a_cache_begins_as_is_used_of_the_context() {
        let needs = needs_of("{ run: make, caches: { target: /c, from: context, path: begun } }");
        assert!(needs.paths.iter().eq(["/begun"]), "{:?}", needs.paths);
    }

    #[test]
    fn a_dockerfile_is_needed_once_for_each_platform() {
        let text = "
stages:
  one: { from: { dockerfile: Dockerfile } }
  two: { from: { dockerfile: Dockerfile } }
  other: { from: { dockerfile: Dockerfile, platform: linux/arm64 } }
  app:
    from: scratch
    requires: [one, two, other]
";
        let needs = needs(&planned(text).0);
        let dockerfiles = needs.dockerfiles.iter();
        let mut platforms: Vec<String> = dockerfiles.map(|one| one.1.to_string()).collect();
        platforms.sort();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    }
}
