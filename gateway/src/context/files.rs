//! The files of a context.

use std::collections::BTreeSet;

use buildkit_llb::{Constrain, Differ, Local, State};

use crate::ignore::IgnoreFile;

/// The files of a context, of which a build takes only those that it uses.
#[derive(Clone, Debug)]
pub struct ContextFiles {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Local {
        local: Box<Local>,
        ignore_file: IgnoreFile,
    },
    State(State),
}

impl ContextFiles {
    /// Takes a directory of the client, without what an ignore file excludes.
    pub(super) fn local(local: Local, name: String, ignore_file: IgnoreFile) -> Self {
        let local = Box::new(local.exclude(ignore_file.patterns()).named(name));
        Self {
            source: Source::Local { local, ignore_file },
        }
    }

    /// Takes what is a graph already.
    pub fn state(state: State) -> Self {
        Self {
            source: Source::State(state),
        }
    }

    /// Gives the files as a state of which these paths are used: relative to the root of the context,
    /// with patterns as in a shell.
    ///
    /// Of a directory of the client nothing else is transferred, and without paths nothing at all. To have one transfer for all of a
    /// build, call this once, with all paths that the build uses.
    pub fn with_paths<P: AsRef<str>>(&self, paths: impl IntoIterator<Item = P>) -> State {
        match &self.source {
            Source::State(state) => state.clone(),
            Source::Local { local, .. } => {
                let paths: BTreeSet<String> = paths
                    .into_iter()
                    .map(|path| below_root(path.as_ref()))
                    .collect();
                // No list at all would be everything.
                if paths.is_empty() {
                    return State::scratch();
                }
                // The root is everything, of which there is no list.
                if paths.contains("") {
                    return Local::clone(local).into_state();
                }
                Local::clone(local).follow(paths).into_state()
            }
        }
    }

    /// Gives all files as a state.
    pub fn all(&self) -> State {
        self.with_paths([""])
    }

    /// Tells whether they come from a directory of the client.
    pub fn is_local(&self) -> bool {
        matches!(self.source, Source::Local { .. })
    }

    /// Gives the file that says what isn't transferred, empty if there is none; `None` for files that aren't a directory of
    /// the client's.
    pub fn ignore_file(&self) -> Option<&IgnoreFile> {
        match &self.source {
            Source::Local { ignore_file, .. } => Some(ignore_file),
            Source::State(_) => None,
        }
    }

    /// Gives a directory of the client in which only [`METADATA`] is: what is known of these paths, not their content.
    pub(super) fn metadata(&self, paths: &[String], without: &[String]) -> Option<State> {
        let Source::Local { local, .. } = &self.source else {
            return None;
        };
        let local = Local::clone(local)
            .follow(paths)
            .exclude(without)
            .metadata_only(Vec::<String>::new())
            .differ(Differ::None)
            .named("[internal] look at the build context");
        Some(local.into_state())
    }
}

/// Makes a path relative to the root of the context, above which nothing is.
pub(super) fn below_root(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_at_the_root() {
        let cases = [
            ("", ""),
            (".", ""),
            ("/", ""),
            ("a/..", ""),
            ("../../a", "a"),
            ("/a//b/./c/", "a/b/c"),
            ("*.go", "*.go"),
        ];
        for (path, expected) in cases {
            assert_eq!(below_root(path), expected, "{path}");
        }
    }
}
