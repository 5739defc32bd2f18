//! Graphs from elsewhere, such as a client's inputs.

use buildkit_llb::{Definition, Graph, MarshalOptions, State};

/// Reads a marshalled graph: it is either refused, or can be printed in every format and built on.
pub fn definition(data: &[u8]) {
    let Ok(definition) = Definition::from_bytes(data.to_vec()) else {
        return;
    };
    let again = Definition::from_bytes(definition.to_bytes());
    assert_eq!(again.as_ref(), Ok(&definition));
    let graph = Graph::read(&definition);
    if let Ok(graph) = &graph {
        _ = (graph.to_string(), graph.to_dot(), graph.to_json());
        if let Err(error) = definition.verify() {
            _ = error.to_string();
        }
    }
    if let Ok(state) = State::from_definition(&definition) {
        let marshalled = state.marshal(&MarshalOptions::new());
        _ = State::from_definition(&marshalled).expect("what was gone on from can be gone on from");
        if graph.is_ok() {
            Graph::read(&marshalled).expect("a graph that was made can be read");
        }
    }
}
