//! Merges copies of the same source to the same directory into one step.

use std::collections::BTreeSet;

use crate::convert::model::{Action, Copy, File, Step};
use crate::convert::template::Template;

pub(super) fn apply(file: &mut File) {
    for stage in &mut file.stages {
        let steps = std::mem::take(&mut stage.steps);
        let entered: BTreeSet<usize> = stage.workdirs.iter().map(|entered| entered.order).collect();
        for step in steps {
            let merges = stage.steps.last().is_some_and(|last| {
                // If a directory is entered between them, it is created there.
                let is_entered = entered.range(last.order..step.order).next().is_some();
                !is_entered && goes_with(last, &step)
            });
            match (
                stage.steps.last_mut().map(|last| &mut last.action),
                step.action,
            ) {
                (Some(Action::Copy(last)), Action::Copy(copy)) if merges => {
                    last.paths.extend(copy.paths);
                }
                (_, action) => stage.steps.push(Step { action, ..step }),
            }
        }
    }
}

/// Reports whether a copy can be part of the same step as the previous one.
fn goes_with(last: &Step, step: &Step) -> bool {
    let (Action::Copy(last_copy), Action::Copy(copy)) = (&last.action, &step.action) else {
        return false;
    };
    let into = |copy: &Copy| match &copy.to {
        None => true,
        Some(to) => to.end().ends_with('/'),
    };
    step.comments.is_empty()
        && last.at.workdir == step.at.workdir
        && into(last_copy)
        && into(copy)
        && last_copy.to == copy.to
        && last_copy.from == copy.from
        && last_copy.owner == copy.owner
        && last_copy.mode == copy.mode
        && last_copy.exclude == copy.exclude
        && last_copy.parents == copy.parents
        && last_copy.follow == copy.follow
        && last_copy.optional == copy.optional
        && !last_copy.unpack
        && !copy.unpack
        && [last_copy, copy].iter().all(|copy| copy.paths.iter().all(is_itself))
        // A later copy would overwrite an earlier one with the same name.
        && copy.paths.iter().all(|path| !last_copy.paths.contains(path))
}

/// Reports whether a path is copied under its own name, rather than its content.
fn is_itself(path: &Template) -> bool {
    path.constant()
        .is_some_and(|path| !path.ends_with('/') && path != ".")
}
