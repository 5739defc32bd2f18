//! No map entry is written without its key or its value: the decoder of a standalone buildkitd turns a missing message
//! into a nil pointer, and the daemon crashes.

#![cfg(test)]

use std::fmt::Debug;

use buildkit_proto::gateway::{
    InputsResponse, RefMap, RefMapDeprecated, SolveRequest, result as results,
};
use buildkit_proto::ops::{
    BuildOp, Definition, Locations, OpMetadata, Source, SourceInfo, SourceOp,
};
use buildkit_proto::{gateway, source_policy, stat, strict, worker};
use prost::Message;

/// The generated code, for counting the maps in it.
const GENERATED: [&str; 7] = [
    include_str!("../src/generated/caps.rs"),
    include_str!("../src/generated/gateway.rs"),
    include_str!("../src/generated/ops.rs"),
    include_str!("../src/generated/source_policy.rs"),
    include_str!("../src/generated/stat.rs"),
    include_str!("../src/generated/status.rs"),
    include_str!("../src/generated/worker.rs"),
];

/// For each map field, makes a message whose map has one entry with only defaults, and checks it.
macro_rules! check_maps {
    ($($message:path { $($field:ident),* })*) => {{
        let mut count = 0;
        $($({
            let mut message = <$message>::default();
            message.$field.insert(Default::default(), Default::default());
            check(&message, concat!(stringify!($field), ": "));
            count += 1;
        })*)*
        count
    }};
}

#[test]
fn entries_of_every_map_are_complete() {
    let count = check_maps! {
        gateway::AttestationChain { blobs }
        gateway::Attestation { metadata }
        gateway::CacheOptionsEntry { attrs }
        gateway::Descriptor { annotations }
        gateway::InputsResponse { definitions }
        gateway::RefMap { refs }
        gateway::RefMapDeprecated { refs }
        gateway::Result { metadata, attestations }
        gateway::SolveRequest { frontend_opt, frontend_inputs }
        BuildOp { inputs, attrs }
        Definition { metadata }
        OpMetadata { description, caps }
        Source { locations }
        SourceOp { attrs }
        source_policy::Update { attrs }
        stat::Stat { xattrs }
        worker::CdiDevice { annotations }
        worker::WorkerRecord { labels }
    };
    let maps: usize = GENERATED
        .iter()
        .map(|code| code.matches("(btree_map = ").count())
        .sum();
    assert_eq!(count, maps, "a map is missing in the list above");
    let foreign = GENERATED
        .iter()
        .any(|code| code.contains("::prost::Message") || code.contains("HashMap"));
    assert!(
        !foreign,
        "a message doesn't use the maps of the module `wire`"
    );
}

fn check<M: Message + Default + PartialEq + Debug>(message: &M, field: &str) {
    let bytes = message.encode_to_vec();
    assert_eq!(bytes.len(), message.encoded_len(), "{field}");
    assert_eq!(&strict::decode::<M>(&bytes[..]).unwrap(), message);

    // The entry as `prost` itself writes it, with everything left out. All tags are below 16, so one byte.
    let left_out = [bytes[0], 0];
    assert_eq!(&M::decode(&left_out[..]).unwrap(), message);
    let error = strict::decode::<M>(&left_out[..]).unwrap_err().to_string();
    assert!(
        error.ends_with(&format!("{field}a map entry has no key")),
        "{error}"
    );
    let key_only = [bytes[0], 2, 0x0a, 0];
    let error = strict::decode::<M>(&key_only[..]).unwrap_err().to_string();
    assert!(
        error.ends_with(&format!(r#"{field}the map entry "" has no value"#)),
        "{error}"
    );
}

/// A definition in which every map has an entry with a default.
fn definition() -> Definition {
    let mut metadata = OpMetadata::default();
    metadata.caps.insert("off".to_owned(), false);
    metadata.description.insert(String::new(), String::new());
    let mut source = Source::default();
    source
        .locations
        .insert("none".to_owned(), Locations::default());
    let mut definition = Definition {
        source: Some(source),
        ..Definition::default()
    };
    definition.metadata.insert("some".to_owned(), metadata);
    definition
        .metadata
        .insert("none".to_owned(), OpMetadata::default());
    definition
}

#[test]
fn entries_are_complete_at_any_depth() {
    let mut file = Source::default();
    file.infos.push(SourceInfo {
        definition: Some(definition()),
        ..SourceInfo::default()
    });
    let mut solve = SolveRequest {
        definition: Some(Definition {
            source: Some(file),
            ..definition()
        }),
        ..SolveRequest::default()
    };
    solve
        .frontend_inputs
        .insert("none".to_owned(), Definition::default());
    solve
        .frontend_inputs
        .insert("some".to_owned(), definition());
    let decoded: SolveRequest = strict::decode(&solve.encode_to_vec()[..]).unwrap();
    assert_eq!(decoded, solve);
}

/// In the results of several platforms, an empty reference stands for an empty file system.
#[test]
fn empty_references_are_sent() {
    let mut references = RefMap::default();
    references
        .refs
        .insert("linux/amd64".to_owned(), gateway::Ref::default());
    let result = gateway::Result {
        result: Some(results::Result::Refs(references)),
        ..gateway::Result::default()
    };
    let decoded: gateway::Result = strict::decode(&result.encode_to_vec()[..]).unwrap();
    assert_eq!(decoded, result);

    let mut old = RefMapDeprecated::default();
    old.refs.insert("linux/amd64".to_owned(), String::new());
    assert_eq!(
        strict::decode::<RefMapDeprecated>(&old.encode_to_vec()[..]).unwrap(),
        old
    );
}

#[test]
fn strictness_ends_with_the_message() {
    let key_only = [0x0a, 3, 0x0a, 1, b'a'];
    strict::decode::<InputsResponse>(&key_only[..]).unwrap_err();
    InputsResponse::decode(&key_only[..]).unwrap();
}
