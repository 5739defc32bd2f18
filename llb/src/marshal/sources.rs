//! The source files that a graph was made from.

use std::collections::HashMap;

use bytes::Bytes;

use crate::definition::Location;
use crate::source_map::{SourceFile, SourceLocation, SourceMap};

/// Collects the source files of vertices, each once.
#[derive(Default)]
pub(crate) struct Sources {
    files: Vec<SourceFile>,
    /// The source map of the last request, and its file: nearly all vertices use the same one.
    last: Option<(usize, i32)>,
    /// Files by the source map that holds them.
    by_map: HashMap<usize, i32>,
    /// Files by content, to find equal ones.
    by_content: HashMap<Content, i32>,
}

/// Name, language, data, and the last operation of the graph that produced the file.
type Content = (String, String, Bytes, Option<Bytes>);

impl Sources {
    /// Converts a vertex's location to the definition's form.
    pub(crate) fn locate(&mut self, location: &SourceLocation) -> Location {
        Location {
            file: self.index(&location.map),
            ranges: location.ranges.clone(),
        }
    }

    /// Returns the files, in the order in which vertices first referred to them.
    pub(crate) fn into_files(self) -> Vec<SourceFile> {
        self.files
    }

    fn index(&mut self, map: &SourceMap) -> i32 {
        let identity = map.identity();
        if let Some((_, index)) = self.last.filter(|(last, _)| *last == identity) {
            return index;
        }
        let index = self.find(map);
        self.last = Some((identity, index));
        index
    }

    fn find(&mut self, map: &SourceMap) -> i32 {
        if let Some(&index) = self.by_map.get(&map.identity()) {
            return index;
        }
        let file = map.file();
        let index = *self.by_content.entry(content(file)).or_insert_with(|| {
            self.files.push(file.clone());
            i32::try_from(self.files.len() - 1).unwrap_or(i32::MAX)
        });
        self.by_map.insert(map.identity(), index);
        index
    }
}

fn content(file: &SourceFile) -> Content {
    let terminal = file
        .definition
        .as_ref()
        .and_then(|definition| definition.operations().last().cloned());
    (
        file.filename.clone(),
        file.language.clone(),
        file.data.clone(),
        terminal,
    )
}
