//! What a file defines, by name: looking through its lists for each use would take the square of its size.

use std::collections::HashMap;

use crate::syntax::{Cache, File, Name, Secret, Template};

/// The definitions of a file, by name. Of two of one name the first counts; the second is reported as a key that is written
/// twice.
#[derive(Debug)]
pub(super) struct Index<'a> {
    /// The places of the stages among all of the file.
    pub stages: HashMap<&'a str, usize>,
    pub templates: HashMap<&'a str, &'a (Name, Template)>,
    pub secrets: HashMap<&'a str, &'a (Name, Secret)>,
    pub caches: HashMap<&'a str, &'a (Name, Cache)>,
}

impl<'a> Index<'a> {
    pub(super) fn of(file: &'a File) -> Self {
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

/// Makes a map of named values.
pub(super) fn by_name<T>(named: &[(Name, T)]) -> HashMap<&str, &(Name, T)> {
    let named = named.iter().rev();
    named.map(|one| (one.0.value.as_str(), one)).collect()
}
