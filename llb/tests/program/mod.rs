//! The format of the vectors' programs, and its interpreter.

mod files;
mod json;
mod nodes;
mod run;
mod sources;

use std::collections::BTreeMap;
use std::fmt;

use buildkit_llb::{Run, SourceMap, State};
use serde::Deserialize;

pub(crate) use json::{metadata_json, source_json};
use nodes::Node;

/// A graph, as described in JSON.
#[derive(Deserialize)]
pub(crate) struct Program {
    #[serde(default)]
    pub(crate) platform: Option<String>,
    #[serde(default)]
    source_maps: Vec<SourceMapFields>,
    #[serde(default)]
    nodes: Vec<Node>,
    result: String,
}

#[derive(Deserialize)]
struct SourceMapFields {
    id: String,
    #[serde(default)]
    filename: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    data: String,
}

/// Why a program makes no graph.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The library refuses it, which may be expected.
    Refused(String),
    /// The program itself is wrong.
    Program(String),
}

impl Failure {
    fn refused(error: impl fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(formatter, "refused: {reason}"),
            Self::Program(reason) => write!(formatter, "invalid program: {reason}"),
        }
    }
}

/// The results of the nodes so far.
#[derive(Default)]
struct BuiltNodes {
    maps: BTreeMap<String, SourceMap>,
    states: BTreeMap<String, Result<State, Failure>>,
    runs: BTreeMap<String, Run>,
}

impl BuiltNodes {
    fn state(&self, id: &str) -> Result<State, Failure> {
        if id == "scratch" {
            return Ok(State::scratch());
        }
        let state = self.states.get(id).cloned();
        state.unwrap_or_else(|| Err(Failure::Program(format!("no node {id}"))))
    }

    fn states(&self, ids: &[String]) -> Result<Vec<State>, Failure> {
        ids.iter().map(|id| self.state(id)).collect()
    }
}

impl Program {
    /// Builds the graph through the public interface of the library.
    pub(crate) fn build(&self) -> Result<State, Failure> {
        let mut made = BuiltNodes::default();
        for map in &self.source_maps {
            let file = SourceMap::new(&*map.filename, &*map.language, map.data.clone());
            made.maps.insert(map.id.clone(), file);
        }
        // Go refuses a node when it is marshalled, so a node that the result doesn't need isn't refused. What this
        // library refuses immediately therefore only counts if it is used.
        for node in &self.nodes {
            let state = node.build(&mut made);
            made.states.insert(node.id.clone(), state);
        }
        made.state(&self.result)
    }
}
