//! Rules that rewrite the file the way a person would, one file for each. They only change what doesn't affect the images.

mod binds;
mod cache_mounts;
mod caches;
mod merged;
mod packages;
mod requires;
mod shared;
mod tidy;
mod times;

use std::collections::BTreeSet;

use super::Style;
use super::model::{Action, Cache, File, From, Source, Stage};
use super::template::Template;

/// Applies all rules.
pub(super) fn apply(file: &mut File, style: Style) {
    packages::apply(file);
    requires::apply(file);
    binds::apply(file);
    caches::apply(file);
    cache_mounts::apply(file);
    shared::apply(file);
    merged::apply(file);
    times::apply(file);
    if style.tidy {
        tidy::apply(file);
    }
}

/// Reports whether programs contain the directory of Go's modules, as without `-trimpath`: another directory would change them.
fn go_keeps_paths(file: &File) -> bool {
    let steps = file.stages.iter().flat_map(|stage| &stage.steps);
    let scripts = steps.filter_map(|step| step.run()?.script());
    scripts.into_iter().any(|script| {
        let text = script.text();
        ["go build", "go install"]
            .iter()
            .any(|command| text.contains(command))
            && !text.contains("-trimpath")
    })
}

/// Determines which stages are images: the last one, and those that no other stage uses, unless they are meant to be run.
pub(super) fn images(file: &File) -> Vec<bool> {
    let mut used = vec![false; file.stages.len()];
    for stage in &file.stages {
        for source in sources(stage) {
            used[source] = true;
        }
        for required in &stage.requires {
            used[*required] = true;
        }
    }
    let last = file.stages.len().saturating_sub(1);
    let stages = file.stages.iter().enumerate();
    stages
        .map(|(index, stage)| {
            let starts_something = stage.image.cmd.is_some() || stage.image.entrypoint.is_some();
            index == last || !used[index] || starts_something
        })
        .collect()
}

/// Determines the stages in which all files matter: images, and their bases.
fn observed(file: &File) -> Vec<bool> {
    let mut observed = images(file);
    for (index, stage) in file.stages.iter().enumerate().rev() {
        if let From::Stage(base) = stage.from
            && observed[index]
        {
            observed[base] = true;
        }
    }
    observed
}

/// Returns the stages that a stage uses.
fn sources(stage: &Stage) -> BTreeSet<usize> {
    let mut sources = BTreeSet::new();
    let mut add = |source: &Source| {
        if let Source::Stage(index) = source {
            sources.insert(*index);
        }
    };
    for step in &stage.steps {
        match &step.action {
            Action::Copy(copy) => add(&copy.from),
            Action::Run(run) => {
                run.mounts.iter().for_each(|mount| add(&mount.from));
                for cache in &run.caches {
                    if let Cache::Directory(cache) = cache {
                        cache.from.iter().for_each(&mut add);
                    }
                }
            }
            _ => {}
        }
    }
    if let From::Stage(base) = stage.from {
        sources.insert(base);
    }
    sources
}

/// What stages take from each other.
struct Takings {
    /// The paths that others take from each stage; `None` if some aren't known.
    own: Vec<Option<Vec<String>>>,
    /// The stages based on each.
    children: Vec<Vec<usize>>,
}

impl Takings {
    fn new(file: &File) -> Self {
        let count = file.stages.len();
        let mut takings = Self {
            own: vec![Some(Vec::new()); count],
            children: vec![Vec::new(); count],
        };
        for (index, stage) in file.stages.iter().enumerate() {
            if let From::Stage(base) = stage.from {
                takings.children[base].push(index);
            }
            for step in &stage.steps {
                match &step.action {
                    Action::Copy(copy) => {
                        for path in &copy.paths {
                            takings.take(&copy.from, path);
                        }
                    }
                    Action::Run(run) => {
                        for mount in &run.mounts {
                            takings.take(&mount.from, &mount.path);
                        }
                        for cache in &run.caches {
                            if let Cache::Directory(cache) = cache
                                && let Some(from) = &cache.from
                            {
                                takings.take(from, &cache.path);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        takings
    }

    fn take(&mut self, from: &Source, path: &Template) {
        let Source::Stage(index) = from else { return };
        match path.constant() {
            Some(path) => self.own[*index]
                .iter_mut()
                .for_each(|own| own.push(path.to_owned())),
            None => self.own[*index] = None,
        }
    }

    /// Returns the paths that are taken from a stage, and from those based on it; `None` if some aren't known.
    fn from(&self, index: usize) -> Option<Vec<String>> {
        let mut all = Vec::new();
        let mut family = vec![index];
        while let Some(index) = family.pop() {
            all.extend(self.own[index].as_ref()?.iter().cloned());
            family.extend(&self.children[index]);
        }
        Some(all)
    }
}

/// Reports whether the paths may include anything in a directory.
fn touches(taken: &[String], directory: &str) -> bool {
    taken.iter().any(|path| {
        // The whole stage.
        let path = if path.is_empty() { "/" } else { path.as_str() };
        let end = path.find(['*', '?', '[']).unwrap_or(path.len());
        let is_pattern = end < path.len();
        let path = stagefile_text::paths::clean(if is_pattern {
            super::paths::parent(&path[..end])
        } else {
            path
        });
        path == directory
            || stagefile_text::paths::is_below(&path, directory)
            || stagefile_text::paths::is_below(directory, &path)
    })
}
