//! Caches that all scripts of a stage have, and those of the stages that start from it, are the stage's.

use crate::convert::model::{Action, Cache, File, From, Run, Step};

pub(super) fn apply(file: &mut File) {
    let count = file.stages.len();
    // What all scripts of a stage and of those on top of it have; `None` if they differ.
    let mut common: Vec<Option<Vec<Cache>>> = vec![None; count];
    let mut scripts = vec![0_usize; count];
    let mut differs = vec![false; count];
    for index in (0..count).rev() {
        let runs: Vec<&Run> = file.stages[index]
            .steps
            .iter()
            .filter_map(Step::run)
            .collect();
        scripts[index] += runs.len();
        for run in runs {
            match &common[index] {
                None => common[index] = Some(run.caches.clone()),
                Some(others) => differs[index] |= *others != run.caches,
            }
        }
        let From::Stage(base) = file.stages[index].from else {
            continue;
        };
        scripts[base] += scripts[index];
        differs[base] |= differs[index];
        match (&common[base], common[index].clone()) {
            (None, own) => common[base] = own,
            (Some(others), Some(own)) => differs[base] |= *others != own,
            (Some(_), None) => {}
        }
    }
    let mut given = vec![false; count];
    for index in 0..count {
        let base_gives = matches!(file.stages[index].from, From::Stage(base) if given[base]);
        let caches = common[index]
            .clone()
            .filter(|caches| !caches.is_empty() && !differs[index]);
        let Some(caches) = caches.filter(|_| base_gives || scripts[index] > 1) else {
            continue;
        };
        given[index] = true;
        let stage = &mut file.stages[index];
        if !base_gives {
            stage.caches = caches;
        }
        for step in &mut stage.steps {
            if let Action::Run(run) = &mut step.action {
                run.caches.clear();
            }
        }
    }
}
