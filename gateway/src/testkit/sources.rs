//! The files of sources in graphs.

use std::collections::BTreeMap;

use buildkit_proto::ops::{Definition, Op, SourceOp, file_action, op};
use buildkit_proto::stat::Stat;
use buildkit_proto::strict;
use bytes::Bytes;
use prost::Message;

use crate::failure::Failure;

/// The directory bit in Go's file modes.
const DIRECTORY: u32 = 1 << 31;

/// The file with the metadata of a directory, if only metadata is transferred.
const METADATA: &str = ".fsutil-metadata";

/// The files of a source, by path without a leading slash.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    files: BTreeMap<String, File>,
}

#[derive(Clone, Debug)]
struct File {
    content: Bytes,
    /// In nanoseconds since 1970.
    modified: i64,
}

impl Files {
    pub(super) fn insert(&mut self, path: &str, content: Bytes) {
        self.insert_of(path, content, 0);
    }

    pub(super) fn insert_of(&mut self, path: &str, content: Bytes, modified: i64) {
        let file = File { content, modified };
        self.files.insert(clean(path), file);
    }

    pub(super) fn read(&self, path: &str) -> Option<&Bytes> {
        self.files.get(&clean(path)).map(|file| &file.content)
    }

    /// Moves all files into a directory.
    pub(super) fn within(&self, directory: &str) -> Self {
        let files = self.files.iter();
        let files = files.map(|(path, file)| (clean(&format!("{directory}/{path}")), file.clone()));
        Self {
            files: files.collect(),
        }
    }

    pub(super) fn stat(&self, path: &str) -> Option<Stat> {
        let path = clean(path);
        if let Some(file) = self.files.get(&path) {
            return Some(file_stat(&path, file));
        }
        let is_directory = path.is_empty() || self.below(&path).next().is_some();
        is_directory.then(|| directory_stat(&path))
    }

    /// Lists a directory; `None` if it doesn't exist.
    pub(super) fn list(&self, path: &str) -> Option<Vec<Stat>> {
        let path = clean(path);
        if !path.is_empty() && self.below(&path).next().is_none() {
            return None;
        }
        let mut entries: BTreeMap<&str, Stat> = BTreeMap::new();
        for (rest, file) in self.below(&path) {
            match rest.split_once('/') {
                None => entries.insert(rest, file_stat(rest, file)),
                Some((directory, _)) => entries.insert(directory, directory_stat(directory)),
            };
        }
        Some(entries.into_values().collect())
    }

    /// Returns the result of a metadata-only transfer: the metadata of all files, whichever are requested, and the
    /// content of some.
    pub(super) fn transferred(&self, source: &SourceOp) -> Self {
        if source
            .attrs
            .get("local.metadatatransfer")
            .map(String::as_str)
            != Some("true")
        {
            return self.clone();
        }
        let except = source.attrs.get("local.metadatatransferexclude");
        let except: Vec<String> = except
            .and_then(|list| serde_json::from_str(list).ok())
            .unwrap_or_default();
        let mut transferred = Self::default();
        let mut known = BTreeMap::new();
        for (path, file) in &self.files {
            for (end, _) in path.match_indices('/') {
                known.insert(&path[..end], directory_stat(&path[..end]));
            }
            known.insert(path, file_stat(path, file));
            if except.contains(path) {
                transferred.files.insert(path.clone(), file.clone());
            }
        }
        let mut metadata = Vec::new();
        for stat in known.values() {
            let message = stat.encode_to_vec();
            metadata.extend(
                u32::try_from(message.len())
                    .unwrap_or(u32::MAX)
                    .to_le_bytes(),
            );
            metadata.extend(message);
        }
        transferred.insert(METADATA, metadata.into());
        transferred
    }

    /// Lists the files below a directory, by relative path.
    fn below<'files>(
        &'files self,
        directory: &'files str,
    ) -> impl Iterator<Item = (&'files str, &'files File)> {
        self.files.iter().filter_map(move |(path, file)| {
            let rest = match directory {
                "" => path,
                _ => path.strip_prefix(directory)?.strip_prefix('/')?,
            };
            Some((rest, file))
        })
    }
}

fn file_stat(path: &str, file: &File) -> Stat {
    let size = i64::try_from(file.content.len()).unwrap_or(i64::MAX);
    Stat {
        path: path.to_owned(),
        mode: 0o644,
        size,
        mod_time: file.modified,
        ..Stat::default()
    }
}

fn directory_stat(path: &str) -> Stat {
    Stat {
        path: path.to_owned(),
        mode: DIRECTORY | 0o755,
        ..Stat::default()
    }
}

/// Cleans a path: removes `.`, `..` and superfluous slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Refuses a graph whose operations a standalone buildkitd couldn't decode.
pub(super) fn check(definition: &Definition) -> Result<(), Failure> {
    for operation in &definition.def {
        let decoded: Result<Op, _> = strict::decode(operation.clone());
        decoded.map_err(|error| Failure::new(format!("failed to parse llb proto op: {error}")))?;
    }
    Ok(())
}

/// A file in a source that a graph unpacks.
pub(super) struct Unpacked {
    pub(super) source: String,
    pub(super) path: String,
    pub(super) directory: String,
}

/// Returns the file that a graph unpacks; `None` if the graph does anything else.
pub(super) fn unpacked(definition: &Definition) -> Option<Unpacked> {
    let [source, unpacking, _] = definition.def.as_slice() else {
        return None;
    };
    let op::Op::Source(source) = Op::decode(source.clone()).ok()?.op? else {
        return None;
    };
    let op::Op::File(file) = Op::decode(unpacking.clone()).ok()?.op? else {
        return None;
    };
    match file.actions.first()?.action.as_ref()? {
        file_action::Action::Copy(copy) if copy.attempt_unpack_docker_compatibility => {
            Some(Unpacked {
                source: source.identifier,
                path: copy.src.clone(),
                directory: copy.dest.clone(),
            })
        }
        _ => None,
    }
}

/// Returns the source that a graph consists of; `None` if the graph has anything else.
pub(super) fn only_source(definition: &Definition) -> Option<SourceOp> {
    let [source, _] = definition.def.as_slice() else {
        return None;
    };
    match Op::decode(source.clone()).ok()?.op? {
        op::Op::Source(source) => Some(source),
        _ => None,
    }
}
