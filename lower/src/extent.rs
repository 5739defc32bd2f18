//! The size of steps in the graph: the parent directories of a path are separate actions, and patterns are repeated for each
//! path that they apply to. So a few lines can expand to a lot. Anything that would be larger than a daemon accepts isn't
//! created.

use stagefile_language::budget::Size;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{Action, Copy, Run, Step};

use super::building::Building;
use super::paths;

impl Building<'_> {
    /// Takes the size of a step from the budget for all steps; returns `false` if there isn't enough left.
    pub(super) fn affords(&self, step: &Step, workdir: &str, found: &mut Diagnostics) -> bool {
        let size = of_action(&step.action, workdir);
        self.lowering.budget.take(size, step.span, found)
    }
}

/// Returns the maximum size of the parent directories of a path.
pub(super) fn of_directories(path: &str) -> Size {
    let count = path.bytes().filter(|byte| *byte == b'/').count();
    Size::of(path) * count
}

fn of_action(action: &Action, workdir: &str) -> Size {
    let on_the_way = |path: &str| of_directories(&paths::join(workdir, path));
    let to = |path: Option<&str>| on_the_way(path.unwrap_or("."));
    match action {
        Action::Copy(copy) => to(copy.to.as_deref()) + of_copies(copy),
        Action::Run(run) => {
            of_mounts(run) + run.outputs.iter().map(|one| on_the_way(&one.value)).sum()
        }
        Action::Write(write) => on_the_way(&write.path),
        Action::Mkdir(mkdir) => mkdir.paths.iter().map(|path| on_the_way(path)).sum(),
        Action::Remove(remove) => remove.paths.iter().map(|path| on_the_way(path)).sum(),
        Action::Symlink(link) => on_the_way(&link.path),
        Action::Fetch(fetch) => to(fetch.to.as_deref()),
        Action::Git(git) => to(git.to.as_deref()),
        // Its steps are counted one by one.
        Action::Parallel(_) => Size::default(),
    }
}

fn of_copies(copy: &Copy) -> Size {
    let patterns = of_patterns(&copy.include, &copy.exclude);
    let directories = copy.paths.iter().filter(|_| copy.parents);
    let directories: Size = directories.map(|path| of_directories(&path.value)).sum();
    patterns * copy.paths.len() + directories
}

fn of_mounts(run: &Run) -> Size {
    let mounts = run.settings.mounts.iter();
    mounts
        .map(|mount| of_patterns(&mount.include, &mount.exclude))
        .sum()
}

fn of_patterns(include: &[String], exclude: &[String]) -> Size {
    let all = include.iter().chain(exclude);
    Size::of_all(all.map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_as_many_as_slashes() {
        assert_eq!(of_directories("/"), Size::of("/"));
        let deep = of_directories("/a/b/c");
        assert_eq!((deep.values, deep.bytes), (3, 18));
    }
}
