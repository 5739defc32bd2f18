//! Graphs for Graphviz.

use std::fmt;

use super::{Graph, describe};

impl Graph {
    /// Returns the graph in the language of Graphviz's `dot`. Arrows lead from each vertex to the
    /// vertices that use it.
    pub fn to_dot(&self) -> String {
        Dot(self).to_string()
    }
}

struct Dot<'a>(&'a Graph);

impl fmt::Display for Dot<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("digraph llb {\n  node [shape=box];\n")?;
        for (number, vertex) in self.0.vertices.iter().enumerate() {
            let label = quote(&vertex.headline());
            let digest = quote(&vertex.digest.to_string());
            writeln!(formatter, "  v{number} [label={label}, tooltip={digest}];")?;
            for edge in vertex.edges() {
                if let Some(input) = edge.input {
                    let role = quote(&describe::printable(&edge.role));
                    writeln!(
                        formatter,
                        "  v{} -> v{number} [label={role}];",
                        input.vertex
                    )?;
                }
            }
        }
        if let Some(result) = self.0.result {
            formatter.write_str("  result [shape=plaintext];\n")?;
            writeln!(formatter, "  v{} -> result;", result.vertex)?;
        }
        formatter.write_str("}\n")
    }
}

/// Quotes a string. Graphviz needs escapes for quotes, and, in labels, for backslashes.
fn quote(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileAction, MarshalOptions, State};

    #[test]
    fn vertices_edges_and_result() {
        let context = State::local("a\"b");
        let state = State::scratch().file(FileAction::copy(&context, "\\x", "/y"));
        let definition = state.marshal(&MarshalOptions::new().local_unique_id("u"));
        let graph = Graph::read(&definition).expect("valid");
        let [first, second] = [0, 1].map(|index| graph.vertices()[index].digest());
        assert_eq!(
            graph.to_dot(),
            format!(
                r#"digraph llb {{
  node [shape=box];
  v0 [label="source local://a\"b", tooltip="{first}"];
  v1 [label="file copy /\\x /y", tooltip="{second}"];
  v0 -> v1 [label="copy /\\x /y"];
  result [shape=plaintext];
  v1 -> result;
}}
"#
            )
        );
    }
}
