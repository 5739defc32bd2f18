//! Caches that all scripts of a stage and of stages based on it have become caches of the stage. If nobody sees the content of
//! their directories, scripts also get the caches of other scripts.

use super::{Takings, observed, touches};
use crate::convert::model::{Action, Cache, File, From, Stage, Step};

/// Information on the scripts of a stage and of stages based on it.
#[derive(Clone, Default)]
struct Family {
    scripts: usize,
    /// The caches that any of them has, in the order of the file.
    all: Vec<Cache>,
    /// Whether their caches differ.
    differ: bool,
    /// Whether some have no caches.
    some_have_none: bool,
    /// Whether all files of one of the stages matter.
    observed: bool,
}

impl Family {
    fn new(stage: &Stage, observed: bool) -> Self {
        let mut family = Self {
            observed,
            ..Self::default()
        };
        for run in stage.steps.iter().filter_map(Step::run) {
            family.add(&run.caches, 1);
        }
        family
    }

    fn add(&mut self, caches: &[Cache], scripts: usize) {
        let is_first = self.scripts == 0;
        self.scripts += scripts;
        self.some_have_none |= caches.is_empty();
        for cache in caches {
            if !self.all.contains(cache) {
                self.differ |= !is_first;
                self.all.push(cache.clone());
            }
        }
        self.differ |= caches.len() != self.all.len();
    }

    fn join(&mut self, other: &Self) {
        if other.scripts > 0 {
            self.add(&other.all, other.scripts);
        }
        self.differ |= other.differ;
        self.some_have_none |= other.some_have_none;
        self.observed |= other.observed;
    }
}

pub(super) fn apply(file: &mut File) {
    let count = file.stages.len();
    let takings = Takings::new(file);
    let stages = file.stages.iter().zip(observed(file));
    let mut families: Vec<Family> = stages
        .map(|(stage, observed)| Family::new(stage, observed))
        .collect();
    for index in (0..count).rev() {
        if let From::Stage(base) = file.stages[index].from {
            let own = families[index].clone();
            families[base].join(&own);
        }
    }
    let mut given = vec![false; count];
    for index in 0..count {
        let base_gives = matches!(file.stages[index].from, From::Stage(base) if given[base]);
        let family = &families[index];
        let are_shared = !family.all.is_empty()
            && (!family.differ || can_have_all(family, takings.from(index).as_deref()));
        if !(base_gives || are_shared && family.scripts > 1) {
            continue;
        }
        given[index] = true;
        let stage = &mut file.stages[index];
        if !base_gives {
            stage.caches.clone_from(&family.all);
        }
        for step in &mut stage.steps {
            if let Action::Run(run) = &mut step.action {
                run.caches.clear();
            }
        }
    }
}

/// Reports whether scripts may have each other's caches: nobody sees what would be in their directories without them.
fn can_have_all(family: &Family, taken: Option<&[String]>) -> bool {
    let is_free = |cache: &Cache| match (cache, taken) {
        (Cache::Directory(cache), Some(taken)) => {
            cache.from.is_none()
                && cache
                    .target
                    .constant()
                    .is_some_and(|target| target.starts_with('/') && !touches(taken, target))
        }
        // A preset sets variables, which may affect tools that don't have it yet.
        (Cache::Preset(_), _) | (_, None) => false,
    };
    !family.observed && !family.some_have_none && family.all.iter().all(is_free)
}
