//! Properties that hold for every graph.

use std::collections::BTreeSet;

use buildkit_llb::{
    Constrain, Copy, Definition, Digest, Exec, FileAction, Graph, MarshalOptions, Mount, Platform,
    Range, SourceMap, State,
};
use proptest::prelude::*;

/// A node of a graph. Numbers refer to earlier nodes, modulo their count.
#[derive(Clone, Debug)]
enum Node {
    Image(u8),
    Local(u8),
    Run(usize, Vec<(u8, usize)>, Option<u8>),
    File(usize, Vec<usize>),
    Merge(Vec<usize>),
    Diff(usize, usize),
    Requires(usize, Vec<usize>),
}

fn node() -> impl Strategy<Value = Node> {
    let many = || prop::collection::vec(any::<usize>(), 0..4);
    prop_oneof![
        any::<u8>().prop_map(|number| Node::Image(number % 3)),
        any::<u8>().prop_map(|number| Node::Local(number % 3)),
        (
            any::<usize>(),
            prop::collection::vec((any::<u8>(), any::<usize>()), 0..4),
            any::<Option<u8>>()
        )
            .prop_map(|(on, mounts, name)| Node::Run(on, mounts, name)),
        (any::<usize>(), many()).prop_map(|(on, from)| Node::File(on, from)),
        many().prop_map(Node::Merge),
        (any::<usize>(), any::<usize>()).prop_map(|(lower, upper)| Node::Diff(lower, upper)),
        (any::<usize>(), many()).prop_map(|(on, others)| Node::Requires(on, others)),
    ]
}

fn graph() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(node(), 1..30)
}

/// Returns the nodes that a node uses. The first node can only use the empty file system.
fn inputs(node: &Node, number: usize) -> Vec<Option<usize>> {
    let used = |input: &usize| input.checked_rem(number);
    match node {
        Node::Image(_) | Node::Local(_) => Vec::new(),
        Node::Run(on, mounts, _) => {
            let sources = mounts.iter().map(|(_, source)| source);
            std::iter::once(on).chain(sources).map(used).collect()
        }
        Node::File(on, others) | Node::Requires(on, others) => {
            std::iter::once(on).chain(others).map(used).collect()
        }
        Node::Merge(others) => others.iter().map(used).collect(),
        Node::Diff(lower, upper) => vec![used(lower), used(upper)],
    }
}

/// Makes a node from the states that it uses.
fn make(node: &Node, inputs: &[State]) -> State {
    match (node, inputs) {
        (Node::Merge(_), inputs) => State::merge(inputs),
        (Node::Run(_, mounts, name), [on, sources @ ..]) => {
            let mut exec = Exec::shell("x");
            for ((kind, _), (number, source)) in mounts.iter().zip(sources.iter().enumerate()) {
                let path = format!("/{}/{number}", kind % 7);
                exec = match kind % 3 {
                    0 => exec.mount(Mount::bind(path, source).readonly()),
                    1 => exec.mount(Mount::bind(path, source)),
                    _ => exec.mount(Mount::cache(path).seed(source)),
                };
            }
            on.run(match name {
                Some(name) => exec.named(format!("name {name}")),
                None => exec,
            })
            .root()
        }
        (Node::File(..), [on, others @ ..]) => {
            let copies = others
                .iter()
                .map(|other| FileAction::from(Copy::new(other, "/a", "/b")));
            let first = FileAction::mkdir("/d", 0o755);
            on.file(copies.fold(first, FileAction::then))
        }
        (Node::Diff(..), [lower, upper]) => State::diff(lower, upper),
        (Node::Requires(..), [on, others @ ..]) => {
            on.requires("gate", others).unwrap_or_else(|_| on.clone())
        }
        (Node::Local(number), _) => State::local(format!("local{number}")),
        (Node::Image(number), _) => State::image(&format!("image{number}")).expect("a reference"),
        (node, inputs) => unreachable!("{node:?} of {} inputs", inputs.len()),
    }
}

/// Makes all nodes, the first one first.
fn forwards(nodes: &[Node]) -> State {
    let mut states: Vec<State> = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let inputs = inputs(node, number).into_iter();
        let inputs: Vec<State> = inputs
            .map(|input| input.map_or_else(State::scratch, |input| states[input].clone()))
            .collect();
        states.push(make(node, &inputs));
    }
    states.pop().unwrap_or_default()
}

/// Makes nodes when they are needed, the last input first.
fn on_demand(nodes: &[Node], number: usize, made: &mut Vec<Option<State>>) -> State {
    if let Some(state) = &made[number] {
        return state.clone();
    }
    let mut states: Vec<State> = inputs(&nodes[number], number)
        .into_iter()
        .rev()
        .map(|input| input.map_or_else(State::scratch, |input| on_demand(nodes, input, made)))
        .collect();
    states.reverse();
    let state = make(&nodes[number], &states);
    made[number] = Some(state.clone());
    state
}

/// Makes a new copy of a node for every use, as far as the graph stays small.
fn unshared(nodes: &[Node], number: usize, budget: &mut usize) -> State {
    let states: Vec<State> = inputs(&nodes[number], number)
        .into_iter()
        .map(|input| match input {
            None => State::scratch(),
            Some(input) if *budget == 0 => forwards(&nodes[..=input]),
            Some(input) => {
                *budget -= 1;
                unshared(nodes, input, budget)
            }
        })
        .collect();
    make(&nodes[number], &states)
}

fn names(nodes: &[Node]) -> BTreeSet<u8> {
    let name = |node: &Node| match node {
        Node::Run(_, _, name) => *name,
        _ => None,
    };
    nodes.iter().filter_map(name).collect()
}

fn options() -> MarshalOptions {
    MarshalOptions::new()
        .on_platform(Platform::new("linux", "amd64"))
        .local_unique_id("u")
}

proptest! {
    #[test]
    fn the_order_of_construction_does_not_matter(nodes in graph()) {
        let definition = forwards(&nodes).marshal(&options());
        let last = nodes.len() - 1;
        let demanded = on_demand(&nodes, last, &mut vec![None; nodes.len()]);
        prop_assert_eq!(&demanded.marshal(&options()), &definition);
        let unshared = unshared(&nodes, last, &mut 500).marshal(&options());
        prop_assert_eq!(unshared.operations(), definition.operations());
        // Equal operations get the name of the last one visited, as with Go's library. In new copies, that may be a
        // different one.
        if names(&nodes).len() < 2 {
            prop_assert_eq!(&unshared, &definition);
        }
    }

    #[test]
    fn marshalling_again_gives_the_same_bytes(nodes in graph()) {
        let state = forwards(&nodes);
        let bytes = state.marshal(&options()).to_bytes();
        prop_assert_eq!(state.marshal(&options()).to_bytes(), bytes);
    }

    #[test]
    fn what_is_encoded_is_decoded(nodes in graph(), lines in 1..100) {
        let map = SourceMap::new("file", "Language", "text");
        let place = FileAction::mkdir("/x", 0o755).located(&map, [Range::lines(1, lines)]);
        let definition = forwards(&nodes).file(place).marshal(&options());
        let decoded = Definition::from_bytes(definition.to_bytes());
        prop_assert_eq!(decoded.as_ref(), Ok(&definition));
        // The sent definition lacks the operations without a location, and nothing else.
        let proto = buildkit_proto::ops::Definition::from(&definition);
        let again = Definition::try_from(proto.clone()).unwrap();
        prop_assert_eq!(again.operations(), definition.operations());
        prop_assert_eq!(again.metadata(), definition.metadata());
        prop_assert_eq!(buildkit_proto::ops::Definition::from(again), proto);
    }

    #[test]
    fn equal_vertices_appear_once_and_after_their_inputs(nodes in graph()) {
        let definition = forwards(&nodes).marshal(&options());
        let digests: Vec<Digest> =
            definition.operations().iter().map(|bytes| Digest::of(bytes)).collect();
        prop_assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), digests.len());
        prop_assert_eq!(definition.metadata().len(), digests.len());
        // Reading fails if an operation comes before its inputs.
        let graph = Graph::read(&definition);
        let read = graph.map_or(0, |graph| graph.vertices().len() + 1);
        prop_assert_eq!(read, digests.len().max(1));
    }

    #[test]
    fn what_was_imported_keeps_its_bytes(nodes in graph()) {
        let definition = forwards(&nodes).marshal(&options());
        let state = State::from_definition(&definition).expect("valid");
        let again = state.marshal(&MarshalOptions::new());
        let operations = |definition: &Definition| -> BTreeSet<Vec<u8>> {
            definition.operations().iter().map(|bytes| bytes.to_vec()).collect()
        };
        prop_assert_eq!(operations(&again), operations(&definition));
        prop_assert_eq!(again.result_digest(), definition.result_digest());
        prop_assert_eq!(again.metadata(), definition.metadata());
    }

    #[test]
    fn hostile_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(definition) = Definition::from_bytes(bytes) {
            let _ = State::from_definition(&definition);
            let _ = Graph::read(&definition).map(|graph| (graph.to_string(), graph.to_dot(), graph.to_json()));
            let _ = definition.result_digest();
        }
    }

    #[test]
    fn damaged_definitions_are_refused_without_panic(
        nodes in graph(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = forwards(&nodes).marshal(&options()).to_bytes();
        for (index, byte) in damage {
            if !bytes.is_empty() {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
        }
        if let Ok(definition) = Definition::from_bytes(bytes) {
            if let Ok(state) = State::from_definition(&definition) {
                let _ = state.marshal(&options());
            }
            let _ = Graph::read(&definition).map(|graph| (graph.to_string(), graph.to_dot(), graph.to_json()));
        }
    }
}
