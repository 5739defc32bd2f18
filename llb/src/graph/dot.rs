//! Graphs for Graphviz.

use super::{Graph, describe};

impl Graph {
    /// Writes the graph in the language of Graphviz's `dot`: an arrow leads from each vertex to
    /// those that use it.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph llb {\n  node [shape=box];\n");
        for (number, vertex) in self.vertices.iter().enumerate() {
            let label = quote(&describe::headline(&vertex.op, &vertex.name()));
            let digest = quote(&vertex.digest.to_string());
            dot.push_str(&format!("  v{number} [label={label}, tooltip={digest}];\n"));
            for edge in vertex.edges() {
                if let Some(input) = edge.input {
                    let role = quote(&edge.role);
                    dot.push_str(&format!(
                        "  v{} -> v{number} [label={role}];\n",
                        input.vertex
                    ));
                }
            }
        }
        if let Some(result) = self.result {
            dot.push_str("  result [shape=plaintext];\n");
            dot.push_str(&format!("  v{} -> result;\n", result.vertex));
        }
        dot.push_str("}\n");
        dot
    }
}

/// Quotes a text; in Graphviz's language that escapes quotes, and backslashes for labels.
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
