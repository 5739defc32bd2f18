//! The definitions of a file, by name: searching its lists for each use would take quadratic time.

use std::collections::HashMap;

use crate::syntax::{Cache, File, Name, Secret, Template};

/// The definitions of a file, by name. If a name occurs twice, the first one counts; the second is reported as a duplicate
/// key.
#[derive(Debug)]
pub(super) struct Index<'a> {
    /// The indexes of the stages in the file.
    pub stages: HashMap<&'a str, usize>,
    pub templates: HashMap<&'a str, &'a (Name, Template)>,
    pub secrets: HashMap<&'a str, &'a (Name, Secret)>,
    pub caches: HashMap<&'a str, &'a (Name, Cache)>,
}

impl<'a> Index<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        let stages = file.stages.iter().enumerate().rev();
        Self {
            stages: stages
                .map(|(index, (name, _))| (name.value.as_str(), index))
                .collect(),
            templates: by_name(&file.templates),
            secrets: by_name(&file.secrets),
            caches: by_name(&file.caches),
        }
    }
}

/// Creates a map of named values.
pub(super) fn by_name<T>(named: &[(Name, T)]) -> HashMap<&str, &(Name, T)> {
    let named = named.iter().rev();
    named.map(|one| (one.0.value.as_str(), one)).collect()
}
