//! A `copy` step: where each path ends up.
//!
//! A path that is copied *into* a directory keeps its name, be it a file or a directory; `dist/` and `.` stand for the
//! content of a directory. Without a trailing slash, `to` is the copy's own name.

use std::collections::BTreeSet;

use buildkit_llb::{self as llb, FileAction, Mkdir, State};

use super::files::{Here, chain, owned};
use super::stage::Building;
use super::times::parents;
use super::{Lowering, paths};
use crate::glob;
use crate::plan::{Copy, Mode};

impl Lowering<'_> {
    /// Makes the actions of a copy.
    pub(super) fn copy(
        &self,
        copy: &Copy,
        building: &Building<'_>,
        here: Here<'_>,
    ) -> Option<FileAction> {
        let to = copy.to.as_deref().unwrap_or(".");
        let into = copy.to.is_none() || to.ends_with('/') || to.ends_with("/.") || to == ".";
        let into = into
            || copy.paths.len() > 1
            || copy.parents
            || copy.paths.iter().any(|path| is_glob(copy, &path.value));
        let to = paths::join(here.workdir, to);
        let copies = copy.paths.iter().filter_map(|path| {
            let (state, path) = building.files(&copy.source, &path.value)?;
            let action = if copy.parents {
                with_parents(copy, &state, &path, &to)
            } else {
                one(copy, &state, &path, &to, into)
            };
            let action = dressed(copy, action);
            let action = if here.keeps_times {
                action
            } else {
                action.created(self.time())
            };
            Some(FileAction::from(action))
        });
        let copies = chain(copies)?;
        let mut directories: BTreeSet<String> = if here.keeps_times {
            BTreeSet::new()
        } else {
            parents(&to).collect()
        };
        if into && !here.keeps_times && to != "/" {
            directories.insert(to.clone());
        }
        if copy.parents && !copy.optional && !here.keeps_times {
            for path in &copy.paths {
                let path = paths::join(&to, path.value.trim_start_matches('/'));
                let known = parents(&path).filter(|directory| !is_glob(copy, directory));
                directories.extend(known.collect::<Vec<_>>());
            }
        }
        // Directories that a copy makes on its way get the mode of what is copied; a directory that can't be entered
        // is never meant.
        if matches!(copy.mode, Some(Mode::Octal(_))) {
            let directory = if into {
                to
            } else {
                paths::clean(&format!("{to}/.."))
            };
            let made = Mkdir::new(directory, 0o755).parents().created(self.time());
            return Some(self.settled(FileAction::from(made).then(copies), directories));
        }
        Some(self.settled(copies, directories))
    }
}

/// Adds what is the same for every path.
fn dressed(copy: &Copy, action: llb::Copy) -> llb::Copy {
    let action = owned(
        action.making_parents(),
        copy.owner.as_ref(),
        llb::Copy::owner,
    );
    let action = match &copy.mode {
        Some(Mode::Octal(mode)) => action.mode(*mode),
        Some(Mode::Symbolic(change)) => action.symbolic_mode(change),
        None => action,
    };
    let action = action.exclude(&copy.exclude);
    let action = if copy.parents {
        action
    } else {
        action.include(&copy.include)
    };
    let action = if copy.follow {
        action.following_symlinks()
    } else {
        action
    };
    let action = if copy.unpack {
        action.unpacking()
    } else {
        action
    };
    if copy.optional {
        action.allowing_no_match()
    } else {
        action
    }
}

fn one(copy: &Copy, state: &State, path: &str, to: &str, into: bool) -> llb::Copy {
    let content = path.ends_with('/');
    let source = paths::clean(path);
    let glob = is_glob(copy, &source);
    let source = if copy.optional && !glob {
        as_glob(&source)
    } else {
        source
    };
    // The slash has the directory made first, so that what is copied goes into it under its own name.
    let to = if into && !to.ends_with('/') {
        format!("{to}/")
    } else {
        to.to_owned()
    };
    let action = llb::Copy::new(state, &source, &to);
    let action = if content || !into {
        action.contents()
    } else {
        action
    };
    if glob || copy.optional {
        action.wildcards()
    } else {
        action
    }
}

/// Copies from the root what matches the path, so that its directories come too.
fn with_parents(copy: &Copy, state: &State, path: &str, to: &str) -> llb::Copy {
    let path = paths::clean(path);
    let pattern = glob::pattern(path.trim_start_matches('/'), copy.glob);
    let action = llb::Copy::new(state, "/", format!("{}/", to.trim_end_matches('/'))).contents();
    if pattern.is_empty() {
        return action.include(&copy.include);
    }
    if copy.include.is_empty() {
        return action.include([&*pattern]);
    }
    action.include(
        copy.include
            .iter()
            .map(|include| format!("{pattern}/{include}")),
    )
}

fn is_glob(copy: &Copy, path: &str) -> bool {
    copy.glob && glob::is_pattern(path)
}

/// Writes a path as a pattern that only it matches: a pattern may match nothing, a path may not.
pub(super) fn as_glob(path: &str) -> String {
    match path
        .char_indices()
        .rev()
        .find(|(_, letter)| letter.is_alphanumeric())
    {
        Some((at, letter)) => format!(
            "{}[{letter}]{}",
            glob::escape(&path[..at]),
            glob::escape(&path[at + letter.len_utf8()..])
        ),
        None => glob::escape(path).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::as_glob;

    #[test]
    fn a_path_as_a_pattern() {
        assert_eq!(as_glob("/a/go.sum"), "/a/go.su[m]");
        assert_eq!(as_glob("/a/x_"), "/a/[x]_");
        assert_eq!(as_glob("/[slug]/a"), "/[[]slug]/[a]");
    }
}
