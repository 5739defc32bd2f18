//! Graphs for Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use buildkit_llb::Graph;
use stagefile_text::visible;

/// Writes a graph for Mermaid, which Markdown viewers render: arrows lead from each vertex to the ones that
/// use it.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let numbers: BTreeMap<_, usize> = graph
        .vertices()
        .iter()
        .enumerate()
        .map(|(number, vertex)| (vertex.digest(), number))
        .collect();
    for (number, vertex) in graph.vertices().iter().enumerate() {
        // Writing to a string can't fail.
        _ = writeln!(text, "  n{number}[\"{}\"]", label(&vertex.name()));
        let mut from: Vec<usize> = graph
            .inputs_of(vertex)
            .filter_map(|(input, _)| numbers.get(&input.digest()).copied())
            .collect();
        from.sort_unstable();
        from.dedup();
        for from in from {
            _ = writeln!(text, "  n{from} --> n{number}");
        }
    }
    text
}

/// Returns the first line of a name, with special characters of Mermaid written as entities.
fn label(name: &str) -> String {
    let line = name.lines().next().unwrap_or_default();
    let line = visible::line(line);
    let mut label = String::with_capacity(line.len());
    for letter in line.chars().take(80) {
        match letter {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' => {
                _ = write!(label, "#{};", u32::from(letter));
            }
            letter => label.push(letter),
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Constrain as _, Exec, MarshalOptions, State};

    use super::*;

    #[test]
    fn names_can_not_end_a_label() {
        let state = State::image("alpine").unwrap();
        let state = state
            .run(Exec::shell("x").named("say \"hi\" <b>\u{1b}\nmore"))
            .root();
        let platform = "linux/amd64".parse().unwrap();
        let definition = state.marshal(&MarshalOptions::new().on_platform(platform));
        let text = mermaid(&Graph::read(&definition).unwrap());
        assert_eq!(
            text,
            "flowchart LR
  n0[\"docker-image://docker.io/library/alpine:latest\"]
  n1[\"say #34;hi#34; #60;b#62;#92;u{1b}\"]
  n0 --> n1
"
        );
    }
}
