//! Timestamps of copies.
//!
//! A layer contains everything that differs from the files below it, including by timestamp. With the same time for all copies, a
//! copy of existing files would be in the layer again; with the timestamps of files that a script wrote, the layer would be
//! different in each build. Therefore:
//!
//! - files from an image, or from a stage in which all files have reproducible timestamps, keep their timestamps;
//! - files from a stage that has run scripts get the fixed time, except for unchanged files that exist already with the same
//!   time: they are copied with their timestamps, and then everything that differs gets the fixed time;
//! - files from contexts, repositories and downloads get the fixed time.

use std::collections::BTreeSet;
use std::sync::Arc;

use buildkit_llb::{Capability, Constrain, Copy, Diff, FileAction, State};
use stagefile_language::plan::{self, Action, Source, StageId, Step, Times};
use stagefile_text::glob;

use super::building::{Building, CopyTimes, StepContext, places};
use super::built::{Built, directories};
use super::progress::Called as _;
use super::{Lowering, paths};

/// Directories in which images have files, in addition to those that their configs name. Files elsewhere were made by stages: to
/// compare them, every copy would be made twice.
const OF_IMAGES: [&str; 22] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "nix",
    "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// How the timestamps of a step's copies are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// By the copies themselves.
    Copied(CopyTimes),
    /// After the copies, everything that differs gets the time of new files.
    Differing,
}

impl Treatment {
    /// Returns the timestamps of the copies.
    pub(super) fn times(self) -> CopyTimes {
        match self {
            Self::Copied(times) => times,
            Self::Differing => CopyTimes::Kept,
        }
    }

    /// Reports whether all files have reproducible timestamps after a step, if they had before.
    pub(super) fn stays_steady(self, action: &Action, lowering: &Lowering<'_>) -> bool {
        match action {
            Action::Run(_) => false,
            Action::Remove(remove) => {
                let mut patterns = remove.paths.iter().filter(|_| remove.glob);
                let headers = lowering.can(Capability::FileCopyIncludeExcludePatterns);
                (!remove.optional || headers)
                    && !patterns.any(|path| glob::is_pattern(paths::parent(path)))
            }
            _ => self != Self::Copied(CopyTimes::Kept),
        }
    }
}

/// The origin of copied files.
struct Origin {
    /// Whether they have the same timestamps in every build.
    steady: bool,
    /// The directories that their image's config names.
    directories: Arc<BTreeSet<String>>,
    /// The first stage in the chain of their stage's bases.
    root: Option<StageId>,
}

impl Building<'_> {
    /// Decides how the timestamps of a step's copies are set.
    pub(super) fn times(&self, step: &Step, built: &Built) -> Treatment {
        if self.kept.has(step) {
            return Treatment::Copied(CopyTimes::Kept);
        }
        let fixed = Treatment::Copied(CopyTimes::Fixed);
        let Action::Copy(copy) = &step.action else {
            return fixed;
        };
        let Some(origin) = self
            .origin(copy)
            .filter(|_| copy.times != Some(Times::Fixed))
        else {
            return fixed;
        };
        if origin.steady && !makes_directories_on_its_way(copy) {
            return Treatment::Copied(CopyTimes::Steady);
        }
        let can = |capability| self.lowering.can(capability);
        let over_files = !built.state.is_scratch();
        // Both may contain files made by a script of a common base, anywhere, but at the same path.
        let has_same_base = origin.root.is_some() && origin.root == built.root;
        let may_be_there = over_files
            && (has_same_base && self.goes_where_it_was(copy, built)
                || self.goes_where_images_have_files(copy, &origin, built));
        if may_be_there && can(Capability::MergeOp) && can(Capability::DiffOp) {
            return Treatment::Differing;
        }
        fixed
    }

    /// Returns the origin of the files that are copied; `None` if none of them can come from an image.
    fn origin(&self, copy: &plan::Copy) -> Option<Origin> {
        let stage = match &copy.source.value {
            Source::MainContext => return None,
            Source::External(external) => {
                let span = copy.source.span;
                let resolved = self.lowering.external(external, self.platform, span)?;
                let config = resolved.image.as_ref().map(|image| &image.config.config);
                return resolved.is_image.then(|| Origin {
                    steady: true,
                    directories: Arc::new(config.map(directories).unwrap_or_default()),
                    root: None,
                });
            }
            Source::Stage(id) | Source::Output(id, _) => id,
        };
        let id = *stage;
        let stage = self.done.get(&id)?;
        Some(Origin {
            steady: stage.steady,
            directories: Arc::clone(stage.image_directories()),
            root: stage.root.or(Some(id)),
        })
    }

    /// Reports whether both the source and the destination of a copy are in directories in which images have files.
    fn goes_where_images_have_files(
        &self,
        copy: &plan::Copy,
        origin: &Origin,
        built: &Built,
    ) -> bool {
        let to = paths::join(&built.workdir, copy.to.as_deref().unwrap_or("."));
        let own = built.image_directories();
        copy.paths.iter().any(|path| {
            let Some((_, source)) = self.files(&copy.source, &path.value) else {
                return false;
            };
            let content = source.ends_with('/');
            let source = paths::clean(&source);
            let there = if to != "/" {
                is_of_images(&to, own)
            } else if copy.parents {
                is_of_images(&path.value, own)
            } else {
                content || is_of_images(&format!("/{}", paths::name(&source)), own)
            };
            there && is_of_images(&source, &origin.directories)
        })
    }

    /// Reports whether a copy has the same path as in its original stage.
    fn goes_where_it_was(&self, copy: &plan::Copy, built: &Built) -> bool {
        let to = paths::join(&built.workdir, copy.to.as_deref().unwrap_or("."));
        let to = paths::clean(&to);
        copy.paths.iter().any(|path| {
            let Some((_, source)) = self.files(&copy.source, &path.value) else {
                return false;
            };
            is_same_place(&source, &to, copy.parents)
        })
    }

    /// Sets the time of new files on everything that a copy has changed, and leaves unchanged files out of the layer.
    pub(super) fn with_differing_times(
        &self,
        before: &State,
        after: &State,
        what: &str,
        here: StepContext<'_>,
    ) -> State {
        let lowering = self.lowering;
        let label = |does: &str| format!("[{}] {does} {what}", self.stage.name);
        let difference = lowering.locate(Diff::new(before, after), places(here.step));
        let difference = difference.called(label("what differs after")).into_state();
        let copy = Copy::new(&difference, "/", "/").contents();
        let copy = FileAction::from(copy.created(lowering.time()));
        let copy = lowering.locate(copy, places(here.step));
        let copy = copy.called(label("times of"));
        before.file(if self.no_cache {
            copy.ignore_cache()
        } else {
            copy
        })
    }
}

/// Reports whether a copy creates directories that no action names, which have the time of the build.
fn makes_directories_on_its_way(copy: &plan::Copy) -> bool {
    let finds =
        copy.optional || (copy.glob && copy.paths.iter().any(|path| glob::is_pattern(&path.value)));
    !copy.include.is_empty() || copy.unpack || (copy.parents && finds)
}

/// Reports whether an image with these directories in its config may have files at a path.
fn is_of_images(path: &str, directories: &BTreeSet<String>) -> bool {
    let name = paths::first(path);
    name.is_empty()
        || OF_IMAGES.contains(&name)
        || directories.contains(name)
        || glob::is_pattern(name)
}

/// Reports whether copying a path, or its content if it ends with a slash, to a clean path leaves it at the same path.
fn is_same_place(source: &str, to: &str, parents: bool) -> bool {
    let is_content = source.ends_with('/');
    let source = paths::clean(source);
    if parents {
        return to == "/";
    }
    // The destination of a file is the directory that contains it, or its own name.
    source == to || !is_content && paths::parent(&source) == to
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use buildkit_image_config::ContainerConfig;

    use super::{directories, is_of_images, is_same_place};

    #[test]
    fn places_that_are_the_same() {
        for (source, to, parents, expected) in [
            ("/data/", "/data", false, true),
            ("/data//", "/data", false, true),
            ("/data/", "/", false, false),
            ("/data", "/", false, true),
            ("/data/a", "/data", false, true),
            ("/data/*", "/data", false, true),
            ("/data/a", "/data/a", false, true),
            ("/data/a", "/", true, true),
            ("/", "/", false, true),
            ("/out/a", "/", false, false),
            ("/out/", "/app", false, false),
            ("/out/a", "/app/a", false, false),
            ("/out/a", "/app", true, false),
        ] {
            assert_eq!(
                is_same_place(source, to, parents),
                expected,
                "{source} {to}"
            );
        }
    }

    #[test]
    fn paths_of_images() {
        let mut config = ContainerConfig::default();
        config.env = vec!["GOPATH=/go".into(), "A=b:/cache/bin".into()];
        config.entrypoint = vec!["/serve.sh".into(), "all".into()];
        config.volumes = BTreeSet::from(["/data".into()]);
        config.working_dir = "/app/sub".into();
        let names = directories(&config);
        for (path, expected) in [
            ("/usr/bin/x", true),
            ("/", true),
            ("/*", true),
            ("/out/app", false),
            ("/app/x", true),
            ("/apps", false),
            ("/go", true),
            ("/data/x", true),
            ("/serve.sh", true),
            ("/all", false),
            ("/users", false),
        ] {
            assert_eq!(is_of_images(path, &names), expected, "{path}");
        }
        assert!(!is_of_images("/app/x", &BTreeSet::new()));
    }
}
