//! The frontend's own file.

use std::collections::BTreeMap;

use buildkit_llb::{Constrain, Differ, Digest, MarshalOptions, SourceMap, State};
use bytes::Bytes;
use futures_util::future::join_all;

use super::contexts::Contexts;
use super::error::ContextError;
use crate::client::{Ref, SolveRequest, Warning};
use crate::error::Error;
use crate::failure::SourcePosition;
use crate::ignore::IgnoreFile;

/// The maximum size of the frontend's file in bytes. It becomes part of the graph, so that errors can show it, and a graph is
/// limited to 16 MiB.
const LIMIT: u64 = 4 << 20;

/// The name that may also be spelled in another way (moby/moby#10858).
const DOCKERFILE: &str = "Dockerfile";

/// The frontend's own file.
#[derive(Clone, Debug)]
pub struct Entrypoint {
    filename: String,
    text: Bytes,
    source_map: SourceMap,
    vertex: Option<Digest>,
    ignore_file: Option<IgnoreFile>,
    beside: BTreeMap<String, Result<Bytes, String>>,
}

impl Entrypoint {
    /// Changes the file's language, once it is known from the text.
    #[must_use]
    pub fn in_language(self, language: &str) -> Self {
        let file = self.source_map.file();
        let mut map = SourceMap::new(&file.filename, language, file.data.clone());
        if let Some(definition) = &file.definition {
            map = map.with_definition(definition.clone());
        }
        Self {
            source_map: map,
            ..self
        }
    }

    /// Replaces the file with a text that was generated from it. Errors name and show the generated text.
    ///
    /// The ignore file is used if none belongs to the file itself.
    #[must_use]
    pub fn made_into(
        self,
        name: &str,
        text: impl Into<Bytes>,
        ignore_file: Option<IgnoreFile>,
    ) -> Self {
        let text = text.into();
        let language = &self.source_map.file().language;
        Self {
            filename: name.to_owned(),
            source_map: SourceMap::new(name, language, text.clone()),
            text,
            vertex: self.vertex,
            ignore_file: self.ignore_file.or(ignore_file),
            beside: self.beside,
        }
    }

    /// Returns the file's name as the user knows it.
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// Returns the file's content.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// Returns the source map for locations of operations in the file, so that errors show them.
    pub fn source_map(&self) -> &SourceMap {
        &self.source_map
    }

    /// Returns a range of lines in the file, counted from 1.
    pub fn lines(&self, first: i32, last: i32) -> SourcePosition {
        SourcePosition::from_file(self.source_map.file().clone()).lines(first, last)
    }

    /// Returns the digest of the vertex that loaded the file, for warnings about it.
    pub fn vertex(&self) -> Option<Digest> {
        self.vertex
    }

    /// Returns the ignore file that belongs to this file, if there is one. It replaces `.dockerignore` even if it is empty.
    pub fn ignore_file(&self) -> Option<&IgnoreFile> {
        self.ignore_file.as_ref()
    }

    /// Returns the file next to this one whose name has this suffix, if it was [requested](Contexts::entrypoint_with) and
    /// exists; or the reason why it can't be read.
    pub fn beside(&self, suffix: &str) -> Option<Result<&Bytes, &str>> {
        let file = self.beside.get(suffix)?.as_ref();
        Some(file.map_err(String::as_str))
    }
}

impl Contexts {
    /// Reads the frontend's own file: the one that the client names, or else `default`. The language is the file's language
    /// by its name in GitHub's linguist.
    ///
    /// It is read from the source of the main context, unless that is a directory of the client, or the client says
    /// otherwise.
    pub async fn entrypoint(
        &self,
        default: &str,
        language: &str,
    ) -> Result<Entrypoint, ContextError> {
        self.entrypoint_with(default, language, &[]).await
    }

    /// Reads the frontend's own file like [`entrypoint`](Self::entrypoint), together with files next to it, whose names have
    /// a suffix such as `.lock`. These may be missing.
    pub async fn entrypoint_with(
        &self,
        default: &str,
        language: &str,
        suffixes: &[&str],
    ) -> Result<Entrypoint, ContextError> {
        let filename = self
            .only_file
            .as_ref()
            .or(self.options.files.filename.as_ref());
        let filename = filename.map_or(default, String::as_str);
        let names = names(filename);
        let ignore_name = format!("{filename}.dockerignore");
        let beside = suffixes
            .iter()
            .map(|suffix| ((*suffix).to_owned(), format!("{filename}{suffix}")));
        let beside: Vec<(String, String)> = beside.collect();

        let mut others = vec![ignore_name.as_str()];
        others.extend(beside.iter().map(|(_, name)| name.as_str()));
        let state = self.entrypoint_state(filename, &names, &others);
        let definition = state.marshal(&MarshalOptions::new());
        // Other files that were read along with it must not affect the origin in answers and operations.
        let of_file = self.entrypoint_state(filename, &names, &others[..1]);
        let of_file = of_file.marshal(&MarshalOptions::new());
        if definition.is_scratch() {
            return Err(ContextError::EmptyInput {
                input: self.entrypoint_directory().to_owned(),
            });
        }
        let load = || ContextError::load(format!("failed to read {filename}"));
        let request = SolveRequest::definition(&definition);
        let result = self.client.solve(request).await.map_err(load())?;
        let files = result.single_reference();
        let ignore_file = async {
            let Some(files) = files else { return Ok(None) };
            match files.read_file(&ignore_name).await {
                Ok(file) => Ok(Some(IgnoreFile::read(&*ignore_name, &file))),
                Err(Error::Daemon(_) | Error::IsDirectory { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let beside = beside.into_iter().map(async |(suffix, name)| {
            let text = match files?.read_file_up_to(&name, LIMIT).await {
                Ok(text) => Ok(Ok(text)),
                Err(error) if error.is_not_found() => return None,
                Err(
                    error @ (Error::Daemon(_)
                    | Error::FileTooLarge { .. }
                    | Error::IsDirectory { .. }),
                ) => Ok(Err(error.to_string())),
                Err(error) => Err(error),
            };
            Some(text.map(|text| (suffix, text)))
        });
        let (text, ignore_file, beside) =
            tokio::join!(read_first(files, &names), ignore_file, join_all(beside));
        let text = text.map_err(load())?;
        let ignore_file = ignore_file.map_err(load())?;
        let beside = beside.into_iter().flatten().collect::<Result<_, _>>();
        let beside = beside.map_err(load())?;
        let vertex = definition.result_digest();
        let source_map = SourceMap::new(filename, language, text.clone()).with_definition(of_file);
        Ok(Entrypoint {
            filename: filename.to_owned(),
            text,
            source_map,
            vertex,
            ignore_file,
            beside,
        })
    }

    fn entrypoint_state(&self, filename: &str, names: &[String], others: &[&str]) -> State {
        if let Some(state) = &self.entrypoint_state {
            return state.clone();
        }
        let directory = self.entrypoint_directory();
        // The same order as in Docker's frontend, since the digest depends on it.
        let mut followed = vec![names[0].as_str(), others[0]];
        followed.extend(names[1..].iter().map(String::as_str));
        followed.extend(&others[1..]);
        self.local(directory)
            .follow(followed)
            .shared_key_hint(directory)
            .differ(Differ::None)
            .named(format!("[internal] load build definition from {filename}"))
            .into_state()
    }

    /// Shows a warning about the frontend's file. The file of the warning's position need not be set.
    pub async fn warn(&self, file: &Entrypoint, warning: Warning) -> Result<(), Error> {
        self.client.warn(file.vertex, warning).await
    }
}

/// Lists the possible names of a file.
fn names(filename: &str) -> Vec<String> {
    let mut names = vec![filename.to_owned()];
    let (folder, name) = filename
        .rsplit_once('/')
        .map_or(("", filename), |(folder, name)| (folder, name));
    if name == DOCKERFILE {
        let other = DOCKERFILE.to_lowercase();
        names.push(if folder.is_empty() {
            other
        } else {
            format!("{folder}/{other}")
        });
    }
    names
}

/// Reads the first file that exists. If none does, the error is about the first.
async fn read_first(files: Option<&Ref>, names: &[String]) -> Result<Bytes, Error> {
    let mut first_error = None;
    for name in names {
        let Some(files) = files else { break };
        match files.read_file_up_to(name, LIMIT).await {
            Ok(text) => return Ok(text),
            Err(error) if error.is_not_found() => {
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(first_error.unwrap_or(Error::Incomplete {
        call: "Solve",
        missing: "files",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_two_spellings() {
        assert_eq!(names("Stagefile"), ["Stagefile"]);
        assert_eq!(names("Dockerfile"), ["Dockerfile", "dockerfile"]);
        assert_eq!(
            names("a/b/Dockerfile"),
            ["a/b/Dockerfile", "a/b/dockerfile"]
        );
        assert_eq!(names("a.Dockerfile"), ["a.Dockerfile"]);
    }
}
