//! `graph`: a drawing of the graph that a file compiles to.

mod files;
mod lanes;
mod mermaid;
mod model;
mod page;
mod reading;

use buildkit_llb::{Definition, Graph, ReadError};
use clap::ValueEnum;
use serde_json::Value;
use stagefile_text::visible;

pub use lanes::lanes;
pub use mermaid::mermaid;
pub use model::{FileLines, Input, Model, Vertex, shortened};
pub(crate) use model::{list, text};
pub use page::page;

/// The target for a page with the graph of the default target; for another stage it is `STAGE@graph`.
pub const TARGET: &str = "@graph";
/// The name of the build context in graphs.
pub const CONTEXT: &str = "local://context";
/// The name of the page in the output directory of a build.
pub const FILE: &str = "graph.html";

/// The form of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Picture {
    /// Lanes: what stands side by side may run at the same time
    #[default]
    Text,
    /// JSON
    Json,
    /// For Graphviz
    Dot,
    /// For Mermaid, which Markdown viewers draw
    Mermaid,
    /// A page with the graph beside the file, as `--target @graph` writes it
    Html,
}

impl Picture {
    /// Returns the kind of picture with this name.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "dot" => Some(Self::Dot),
            "mermaid" => Some(Self::Mermaid),
            "html" => Some(Self::Html),
            _ => None,
        }
    }

    /// Draws a graph with a title.
    pub fn draw(self, definition: &Definition, title: &str) -> Result<String, ReadError> {
        let graph = || Graph::read(definition);
        Ok(match self {
            Self::Text => lanes(&Model::from_definition(definition)?, title),
            Self::Json => visible::json(&format!("{}\n", graph()?.to_json())).into_owned(),
            Self::Dot => graph()?.to_dot(),
            Self::Mermaid => mermaid(&graph()?),
            Self::Html => page(&Model::from_definition(definition)?, title),
        })
    }
}

/// Returns the stage whose graph a target requests: `Some(None)` for the default one.
pub fn asked(target: &str) -> Option<Option<&str>> {
    let stage = target.strip_suffix(TARGET)?;
    Some((!stage.is_empty()).then_some(stage))
}

/// Returns a graph as a JSON value.
pub fn json(definition: &Definition) -> Result<Value, ReadError> {
    let text = Graph::read(definition)?.to_json();
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
