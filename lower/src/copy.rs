//! `copy` steps: the destination of each path.
//!
//! A path that is copied *into* a directory keeps its name, whether it is a file or a directory; `dist/` and `.` stand for the
//! content of a directory. If `to` has no trailing slash, it is the name of the copy.
//!
//! Where a single BuildKit action isn't enough, two in the same vertex are used: the first copies to an intermediate
//! directory, the second from there to the destination. The action that reads the source gets as many patterns as possible,
//! since these decide when the step is rebuilt.

use std::collections::BTreeSet;

use buildkit_llb::{self as llb, FileAction, Mkdir, State, Timestamp, When};
use stagefile_language::plan::{Copy, Mode};
use stagefile_text::glob;

use super::building::{Building, CopyTimes, StepContext};
use super::files::{self, ASIDE, chain, owned};
use super::paths;
use super::patterns::{all_but, beside, have_exceptions, inside};
use super::times::parents;

impl Building<'_> {
    /// Creates the actions of a copy.
    pub(super) fn copy(&self, copy: &Copy, here: StepContext<'_>) -> Option<FileAction> {
        let new_time = self.lowering.time();
        let into = copy.goes_into_a_directory();
        let job = Job {
            copy,
            to: paths::join(here.workdir, copy.to.as_deref().unwrap_or(".")),
            into,
            time: (here.times == CopyTimes::Fixed).then_some(new_time),
        };
        let mut made = BTreeSet::new();
        let mut copies = Vec::new();
        for path in &copy.paths {
            let (state, place) = self.files(&copy.source, &path.value)?;
            if copy.parents {
                // Paths of an output are relative to the output.
                let (_, top) = self.files(&copy.source, "")?;
                let tree = Tree {
                    state: &state,
                    top: paths::clean(&top),
                };
                copies.push(job.with_parents(&tree, &path.value, &mut made));
            } else if copy.is_of_one_match() {
                copies.push(job.only_match(self, here, &state, &paths::clean(&place))?);
            } else {
                copies.extend(job.one(&state, &place));
            }
        }
        let directory = if into {
            &job.to
        } else {
            paths::parent(&job.to)
        };
        let make = || files::directory(directory, copy.owner.as_ref(), new_time);
        // If all paths are excluded, nothing is copied, which isn't an error.
        let copies = chain(copies.into_iter()).unwrap_or_else(make);
        // Directories that a copy creates on the way get the mode of the copied files, but a directory that can't be entered
        // is never intended. A copy that matches nothing creates none.
        let copies = if copy.optional || matches!(copy.mode, Some(Mode::Octal(_))) {
            make().then(copies)
        } else {
            copies
        };
        if here.times == CopyTimes::Kept {
            return Some(copies);
        }
        let mut directories: BTreeSet<String> = parents(&job.to).collect();
        if into && job.to != "/" {
            directories.insert(job.to.clone());
        }
        for directory in made {
            let directory = paths::join(&job.to, directory.trim_start_matches('/'));
            directories.extend(parents(&directory));
            directories.insert(directory);
        }
        Some(self.lowering.with_fixed_times(copies, directories))
    }
}

/// A copy step, with its destination.
struct Job<'a> {
    copy: &'a Copy,
    /// The destination, clean.
    to: String,
    /// Whether it is a directory that paths are copied into, rather than the name of the copy.
    into: bool,
    /// The timestamp of the copies; `None` to keep the original ones.
    time: Option<Timestamp>,
}

/// The directory of the source that paths are relative to.
struct Tree<'a> {
    state: &'a State,
    top: String,
}

impl Tree<'_> {
    /// Returns the position of a path in the source.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.top.trim_end_matches('/'))
    }
}

/// How files are moved from the intermediate directory to the destination.
enum Placed {
    /// The content of the intermediate directory is copied into a directory, over existing directories.
    Content,
    /// The same, but existing directories keep their modes.
    Each {
        /// Whether there has to be at least one file.
        must: bool,
    },
    /// The only file has this name already.
    Named(String),
}

impl Job<'_> {
    /// Copies a single path to its destination; `None` if it is excluded.
    fn one(&self, state: &State, place: &str) -> Option<FileAction> {
        let (copy, into) = (self.copy, self.into);
        let content = place.ends_with('/');
        let source = paths::clean(place);
        let name = paths::name(&source);
        let exclude = if content {
            copy.exclude.clone()
        } else if self.takes_apart(&source) {
            let matched = self.matches(state, paths::parent(&source), name);
            let must = !copy.optional;
            return Some(self.place(matched, Placed::Each { must }, &self.to));
        } else {
            inside(&copy.exclude, name)?
        };
        let aside = copy.unpack
            || (!copy.include.is_empty() && self.time.is_some())
            || (!into && self.sets_special_mode());
        let called = paths::name(&self.to);
        let target = match (aside, into) {
            (false, true) => paths::slashed(&self.to),
            (false, false) => self.to.clone(),
            (true, true) => paths::slashed(ASIDE),
            (true, false) => format!("{ASIDE}/{called}"),
        };
        let taken = self.take(state, &source, &target, content, exclude);
        let taken = taken.when(content || !into, llb::Copy::contents);
        if !aside {
            return Some(self.with_options(taken).into());
        }
        let (placed, to) = if into && (content || copy.unpack) {
            (Placed::Content, self.to.as_str())
        } else if into {
            (Placed::Each { must: false }, self.to.as_str())
        } else if copy.optional {
            // It may not exist; otherwise an existing directory with this name keeps its mode.
            (Placed::Content, paths::parent(&self.to))
        } else {
            (Placed::Named(called.to_owned()), paths::parent(&self.to))
        };
        Some(self.place(taken.into(), placed, to))
    }

    /// Reports whether matches of a path are copied to the intermediate directory first: BuildKit applies exclusions only to
    /// what is inside a match, and finds nothing in a link to a directory.
    fn takes_apart(&self, source: &str) -> bool {
        let (directory, name) = (paths::parent(source), paths::name(source));
        let may_be_link = directory != "/" && self.can_take_from(directory);
        is_glob(self.copy, name) && (!self.copy.exclude.is_empty() || may_be_link)
    }

    /// Reports whether matches can be copied as the rest of the directory that contains them.
    fn can_take_from(&self, directory: &str) -> bool {
        let copy = self.copy;
        !is_glob(copy, directory)
            && copy.include.is_empty()
            && !copy.follow
            && !copy.unpack
            && (directory == "/" || !have_exceptions(&copy.exclude))
    }

    /// Copies the matches of a pattern at the end of a path to the intermediate directory, without exclusions.
    fn matches(&self, state: &State, directory: &str, pattern: &str) -> FileAction {
        let copy = self.copy;
        let target = paths::slashed(ASIDE);
        if self.can_take_from(directory) {
            let exclude = beside(&copy.exclude, pattern);
            let source = self.source(directory);
            let taken = llb::Copy::new(state, &source, &target).contents();
            let taken = self.searching(taken, directory);
            return if directory == "/" {
                taken.include([pattern]).exclude(exclude).into()
            } else {
                let exclude = all_but([pattern], &exclude);
                taken.follow_symlinks().exclude(exclude).into()
            };
        }
        // BuildKit applies patterns to the content of a match, not to its name, so this needs a separate copy.
        let source = paths::join(directory, pattern);
        let taken = self.take(state, &source, &target, false, copy.exclude.clone());
        let taken = aside(taken.into()).on(&State::scratch());
        llb::Copy::new(taken, ASIDE, &target)
            .contents()
            .exclude(&copy.exclude)
            .into()
    }

    /// Copies the only match of a pattern under a new name; several matches are a build error.
    fn only_match(
        &self,
        building: &Building<'_>,
        here: StepContext<'_>,
        state: &State,
        source: &str,
    ) -> Option<FileAction> {
        let copy = self.copy;
        let (directory, name) = (paths::parent(source), paths::name(source));
        let taken = if self.takes_apart(source) {
            self.matches(state, directory, name)
        } else {
            // A match that is excluded by name doesn't count.
            let exclude = inside(&copy.exclude, name)?;
            let target = paths::slashed(ASIDE);
            self.take(state, source, &target, false, exclude).into()
        };
        let matches = building.only_match(aside(taken), copy, &self.to, here)?;
        let every = llb::Copy::new(&matches, format!("{ASIDE}/*"), &self.to);
        let every = every.contents().wildcards().allow_no_match();
        Some(self.with_options(every).into())
    }

    /// Copies a path together with its parent directories, and adds the known ones to `made`.
    fn with_parents(
        &self,
        tree: &Tree<'_>,
        place: &str,
        made: &mut BTreeSet<String>,
    ) -> FileAction {
        let copy = self.copy;
        let source = paths::clean(place);
        if source == "/" {
            let everything = self.one(tree.state, &tree.at("/"));
            return everything.unwrap_or_else(|| Mkdir::new(&self.to, 0o755).parents().into());
        }
        if is_glob(copy, &source) || copy.optional {
            return self.matches_with_parents(tree, &source);
        }
        let mut headers = Vec::new();
        let mut header = |path: &str| {
            if !made.insert(path.to_owned()) {
                return;
            }
            let to = paths::join(&self.to, paths::parent(path).trim_start_matches('/'));
            // Copies only the directory itself. A link to a directory counts as one, since it will get content.
            let header = llb::Copy::new(tree.state, tree.at(path), paths::slashed(&to))
                .exclude(["?*"])
                .follow_symlinks()
                .parents();
            let header = owned(header, copy.owner.as_ref(), llb::Copy::owner);
            let header = match &copy.mode {
                Some(Mode::Symbolic(change)) => header.symbolic_mode(change),
                _ => header,
            };
            headers.push(FileAction::from(self.timed(header)));
        };
        for directory in parents(&source) {
            header(&directory);
        }
        let (directory, place) = if place.ends_with('/') {
            header(&source);
            (source.as_str(), place)
        } else {
            (paths::parent(&source), source.as_str())
        };
        let to = paths::join(&self.to, directory.trim_start_matches('/'));
        let headers = chain(headers.into_iter());
        let Some(exclude) = inside(&copy.exclude, &source) else {
            return headers.unwrap_or_else(|| Mkdir::new(&to, 0o755).parents().into());
        };
        let content = place.ends_with('/');
        let aside = copy.unpack || (!copy.include.is_empty() && self.time.is_some());
        let target = paths::slashed(if aside { ASIDE } else { &to });
        let taken = self.take(tree.state, &tree.at(&source), &target, content, exclude);
        let taken = taken.when(content, llb::Copy::contents);
        let copied = if aside {
            self.place(taken.into(), Placed::Each { must: false }, &to)
        } else {
            self.with_options(taken).into()
        };
        match headers {
            Some(headers) => headers.then(copied),
            None => copied,
        }
    }

    /// Copies the matches of a path relative to the root, so that parent directories are included.
    fn matches_with_parents(&self, tree: &Tree<'_>, source: &str) -> FileAction {
        let copy = self.copy;
        let pattern = glob::pattern(source.trim_start_matches('/'), copy.glob);
        let include: Vec<String> = if copy.include.is_empty() {
            vec![pattern.to_string()]
        } else {
            let include = copy.include.iter();
            include
                .map(|include| format!("{pattern}/{include}"))
                .collect()
        };
        // Parent directories have the time of the build, unless they are copied once more.
        let aside = self.time.is_some() || !copy.optional;
        let target = paths::slashed(if aside { ASIDE } else { &self.to });
        let exclude = beside(&copy.exclude, &pattern);
        let taken = llb::Copy::new(tree.state, self.source(&tree.top), target).contents();
        let taken = self.searching(taken, &tree.top);
        let taken = if tree.top == "/" || have_exceptions(&include) || have_exceptions(&exclude) {
            taken.include(include).exclude(exclude)
        } else {
            // The path of an output may be a link.
            let exclude = all_but(&include, &exclude);
            taken.follow_symlinks().exclude(exclude)
        };
        if aside {
            let must = !copy.optional;
            self.place(taken.into(), Placed::Each { must }, &self.to)
        } else {
            self.with_options(taken).into()
        }
    }

    /// Copies a path of the source, without exclusions.
    fn take(
        &self,
        state: &State,
        source: &str,
        target: &str,
        content: bool,
        exclude: Vec<String>,
    ) -> llb::Copy {
        let copy = self.copy;
        let taken = llb::Copy::new(state, self.source(source), target);
        let taken = self.searching(taken, source);
        let taken = taken.when(copy.unpack, llb::Copy::unpack);
        // The slash means that it is a directory, which may be a link.
        let follows = copy.follow || (content && source != "/");
        let simple = copy.include.is_empty();
        if follows && !simple && !have_exceptions(&copy.include) && !have_exceptions(&exclude) {
            let exclude = all_but(&copy.include, &exclude);
            return taken.exclude(exclude).follow_symlinks();
        }
        let follows = copy.follow || (follows && simple);
        taken
            .include(&copy.include)
            .exclude(exclude)
            .when(follows, llb::Copy::follow_symlinks)
    }

    /// Returns the source path for an action: an optional path is written as a pattern, which may match nothing.
    fn source(&self, path: &str) -> String {
        match (self.copy.optional, is_glob(self.copy, path)) {
            (false, _) => path.to_owned(),
            (true, true) => searched(path, str::to_owned),
            (true, false) => as_glob(path),
        }
    }

    /// Sets whether an action's path is a pattern.
    fn searching(&self, action: llb::Copy, path: &str) -> llb::Copy {
        let is_pattern = self.copy.optional || is_glob(self.copy, path);
        action
            .when(is_pattern, llb::Copy::wildcards)
            .when(self.copy.optional, llb::Copy::allow_no_match)
    }

    /// Copies the intermediate directory to the destination.
    fn place(&self, taken: FileAction, placed: Placed, to: &str) -> FileAction {
        let aside = aside(taken).on(&State::scratch());
        let to = paths::slashed(to);
        let copy = match placed {
            Placed::Content => llb::Copy::new(aside, ASIDE, to).contents(),
            Placed::Named(name) => llb::Copy::new(aside, format!("{ASIDE}/{name}"), to),
            Placed::Each { must } => llb::Copy::new(aside, format!("{ASIDE}/*"), to)
                .wildcards()
                .when(!must, llb::Copy::allow_no_match),
        };
        self.with_options(copy).into()
    }

    /// Applies the options of the step to an action that copies to the destination.
    fn with_options(&self, action: llb::Copy) -> llb::Copy {
        let owner = self.copy.owner.as_ref();
        let action = owned(action.parents(), owner, llb::Copy::owner);
        self.timed(match &self.copy.mode {
            Some(Mode::Octal(mode)) => action.mode(*mode),
            Some(Mode::Symbolic(change)) => action.symbolic_mode(change),
            None => action,
        })
    }

    fn timed(&self, action: llb::Copy) -> llb::Copy {
        match self.time {
            Some(time) => action.created(time),
            None => action,
        }
    }

    /// Reports whether BuildKit applies the mode to the content of a directory, but not to a directory that it creates for the
    /// content.
    fn sets_special_mode(&self) -> bool {
        match &self.copy.mode {
            Some(Mode::Octal(mode)) => mode & 0o7000 != 0,
            Some(Mode::Symbolic(_)) => true,
            None => false,
        }
    }
}

/// Creates the intermediate directory.
fn aside(taken: FileAction) -> FileAction {
    FileAction::from(Mkdir::new(ASIDE, 0o755)).then(taken)
}

fn is_glob(copy: &Copy, path: &str) -> bool {
    copy.glob && glob::is_pattern(path)
}

/// Converts a path to a pattern that matches only it: a pattern may match nothing, a path may not.
pub(super) fn as_glob(path: &str) -> String {
    searched(path, |part| glob::escape(part).into_owned())
}

/// Writes a path as a pattern from its first directory on, since BuildKit requires the directories before a pattern to exist.
pub(super) fn searched(path: &str, escape: impl Fn(&str) -> String) -> String {
    let first = path.trim_start_matches('/').split('/').next();
    if first.is_some_and(|first| first.contains(['*', '?', '[', '\\'])) {
        return escape(path);
    }
    match path
        .char_indices()
        .find(|(_, letter)| letter.is_alphanumeric())
    {
        Some((at, letter)) => format!(
            "{}[{letter}]{}",
            escape(&path[..at]),
            escape(&path[at + letter.len_utf8()..])
        ),
        None => escape(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_as_a_pattern() {
        for (path, expected) in [
            ("/a/go.sum", "/[a]/go.sum"),
            ("/.git/x", "/.[g]it/x"),
            ("/_", "/_"),
            ("/[slug]/a", "/[[]slug]/a"),
            ("/b/[slug]", "/[b]/[[]slug]"),
        ] {
            assert_eq!(as_glob(path), expected);
        }
        assert_eq!(searched("/a/*.c", str::to_owned), "/[a]/*.c");
        assert_eq!(searched("/*/a", str::to_owned), "/*/a");
    }
}
