//! The files of a context.

use std::collections::BTreeSet;

use buildkit_llb::{Constrain, Differ, Local, State};

use super::error::ContextError;
use crate::ignore::IgnoreFile;

/// The files of a context. A build transfers only those that it uses.
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
    /// Creates the files of a directory of the client, without those that an ignore file excludes.
    pub(super) fn local(
        local: Local,
        name: String,
        ignore_file: IgnoreFile,
    ) -> Result<Self, ContextError> {
        if !fit(std::iter::empty(), ignore_file.patterns()) {
            return Err(ContextError::TooManyPatterns {
                count: ignore_file.lines.len(),
                file: ignore_file.name,
            });
        }
        let local = Box::new(local.exclude(ignore_file.patterns()).named(name));
        Ok(Self {
            source: Source::Local { local, ignore_file },
        })
    }

    /// Creates the files of an existing graph.
    pub fn state(state: State) -> Self {
        Self {
            source: Source::State(state),
        }
    }

    /// Returns the files as a state in which these paths are used: relative to the root of the context, with patterns as in a
    /// shell.
    ///
    /// From a directory of the client, nothing else is transferred, and without paths nothing at all. If there are more paths
    /// than fit into a request, everything is transferred. To have a single transfer per build, call this once, with all paths
    /// that the build uses.
    pub fn with_paths<P: AsRef<str>>(&self, paths: impl IntoIterator<Item = P>) -> State {
        match &self.source {
            Source::State(state) => state.clone(),
            Source::Local { local, ignore_file } => {
                let paths: BTreeSet<String> = paths
                    .into_iter()
                    .map(|path| below_root(path.as_ref()))
                    .collect();
                // Without a list, everything would be transferred.
                if paths.is_empty() {
                    return State::scratch();
                }
                // The root means everything, which is requested without a list.
                let asked = paths.iter().map(String::as_str);
                if paths.contains("") || !fit(asked, ignore_file.patterns()) {
                    return Local::clone(local).into_state();
                }
                Local::clone(local).follow(paths).into_state()
            }
        }
    }

    /// Returns all files as a state.
    pub fn all(&self) -> State {
        self.with_paths([""])
    }

    /// Reports whether the files come from a directory of the client.
    pub fn is_local(&self) -> bool {
        matches!(self.source, Source::Local { .. })
    }

    /// Returns the ignore file, which is empty if there is none; `None` if the files don't come from a directory of the client.
    pub fn ignore_file(&self) -> Option<&IgnoreFile> {
        match &self.source {
            Source::Local { ignore_file, .. } => Some(ignore_file),
            Source::State(_) => None,
        }
    }

    /// Returns a directory of the client that contains only [`METADATA`]: the metadata of these paths, not their content. Returns
    /// `None` if there are more paths than fit into a request.
    pub(super) fn metadata(&self, paths: &[String], without: &[String]) -> Option<State> {
        let Source::Local { local, ignore_file } = &self.source else {
            return None;
        };
        let patterns = without.iter().map(String::as_str);
        let patterns = patterns.chain(ignore_file.patterns());
        if !fit(paths.iter().map(String::as_str), patterns) {
            return None;
        }
        let local = Local::clone(local)
            .follow(paths)
            .exclude(without)
            .metadata_only(Vec::<String>::new())
            .differ(Differ::None)
            .named("[internal] look at the build context");
        Some(local.into_state())
    }
}

/// The maximum size of the headers of a request for files, in bytes as HTTP/2 counts them, less the other headers. Go's servers
/// accept 1 MiB, and a daemon that would send more fails with an error that only has this number.
const MAX_HEADERS: usize = (1 << 20) - 4096;

/// The names of the headers that occur once for each pattern and for each path.
const EXCLUDED: &str = "exclude-patterns";
const FOLLOWED: &str = "followpaths";

/// Reports whether these paths and patterns fit into one request.
pub(super) fn fit<'a>(
    paths: impl Iterator<Item = &'a str>,
    patterns: impl Iterator<Item = &'a str>,
) -> bool {
    header_size(FOLLOWED, paths) + header_size(EXCLUDED, patterns) <= MAX_HEADERS
}

/// Returns the size of all headers with one name. Non-ASCII characters are sent as `%XX`.
fn header_size<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> usize {
    values
        .map(|value| {
            let escaped = value.bytes().filter(|byte| !byte.is_ascii()).count();
            name.len() + value.len() + 2 * escaped + 32
        })
        .sum()
}

/// Makes a path relative to the root of the context, without leaving it.
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

    fn local(patterns: usize) -> Result<ContextFiles, ContextError> {
        let patterns: Vec<String> = (0..patterns).map(|number| format!("*.x{number}")).collect();
        let patterns = patterns.join("\n");
        let ignore_file = IgnoreFile::read(".dockerignore", patterns.as_bytes());
        ContextFiles::local(Local::new("context"), "load".to_owned(), ignore_file)
    }

    #[test]
    fn more_paths_than_a_request_holds_are_all_of_the_context() {
        let paths = |count| (0..count).map(|number| format!("file{number}"));
        let followed = |files: &ContextFiles, count| {
            let state = files.with_paths(paths(count));
            let definition = state.marshal(&buildkit_llb::MarshalOptions::new());
            let graph = buildkit_llb::Graph::read(&definition).unwrap();
            graph.to_json().contains("local.followpaths")
        };
        let files = local(0).unwrap();
        assert!(followed(&files, 10_000));
        assert!(!followed(&files, 30_000));
        // In the request, a non-ASCII letter takes three times its bytes.
        let escaped = |files: &ContextFiles, letter: &str| {
            let state =
                files.with_paths((0..6_000).map(|number| format!("{}{number}", letter.repeat(30))));
            state.marshal(&buildkit_llb::MarshalOptions::new())
        };
        let has_paths = |definition: &buildkit_llb::Definition| {
            let graph = buildkit_llb::Graph::read(definition).unwrap();
            graph.to_json().contains("local.followpaths")
        };
        assert!(has_paths(&escaped(&files, "ab")));
        assert!(!has_paths(&escaped(&files, "ä")));
        // Patterns are part of the same request.
        assert!(!followed(&local(10_000).unwrap(), 10_000));
        let listed = |count| files.metadata(&paths(count).collect::<Vec<_>>(), &[]);
        assert!(listed(10_000).is_some() && listed(30_000).is_none());
    }

    #[test]
    fn more_patterns_than_a_request_holds_are_refused() {
        assert!(local(15_000).is_ok());
        let error = local(20_000).unwrap_err().to_string();
        assert_eq!(
            error,
            "`.dockerignore` has 20000 patterns, which together are more than the 1 MiB that a request to the client holds; \
             exclude directories instead of their files"
        );
    }
}
