//! Tests of definitions from elsewhere.

use buildkit_llb::{
    Capability, Constrain, Definition, DefinitionError, Exec, FileAction, Graph, MarshalOptions,
    Parts, Range, ReadError, SourceMap, State, Support, UnsupportedReason,
};
use buildkit_proto::ops;
use prost::Message as _;

fn definition() -> ops::Definition {
    let map = SourceMap::new("file", "Text", "one\n");
    let state = State::local("context").file(
        FileAction::mkdir("/x", 0o755)
            .named("made")
            .located(&map, [Range::line(1)]),
    );
    let options = MarshalOptions::new().local_unique_id("u");
    state.marshal(&options).into()
}

fn import(proto: ops::Definition) -> Result<State, ReadError> {
    State::from_definition(&Definition::try_from(proto).expect("digests"))
}

/// Appends an operation as the last one.
fn with_terminal(mut proto: ops::Definition, inputs: Vec<ops::Input>) -> ops::Definition {
    let op = ops::Op {
        inputs,
        ..ops::Op::default()
    };
    proto.def.push(op.encode_to_vec().into());
    proto
}

#[test]
fn unknown_fields_of_operations_stay() {
    let mut proto = definition();
    // Field 99 of `Op`, a number that no operation has yet.
    let mut extended = proto.def[0].to_vec();
    extended.extend([0x98, 0x06, 0x01]);
    let digest = buildkit_llb::Digest::of(&extended);
    proto.def[0] = extended.clone().into();
    let input = ops::Input {
        digest: digest.to_string(),
        index: 0,
    };
    proto.def.truncate(1);
    let state = import(with_terminal(proto, vec![input])).expect("valid");
    let again = state
        .run(Exec::shell("x"))
        .root()
        .marshal(&MarshalOptions::new());
    assert_eq!(again.operations()[0], extended);
}

#[test]
fn an_empty_definition_is_scratch() {
    let state = import(ops::Definition::default()).expect("valid");
    assert!(state.is_scratch());
    assert!(state.marshal(&MarshalOptions::new()).is_scratch());
}

#[test]
fn operations_without_metadata_are_taken() {
    let mut proto = definition();
    proto.metadata.clear();
    assert!(import(proto).is_ok());
}

#[test]
fn import_refuses_what_is_broken() {
    let input = |digest: &str, index| ops::Input {
        digest: digest.to_owned(),
        index,
    };
    let missing = format!("sha256:{}", "ab".repeat(32));
    let known = buildkit_llb::Digest::of(&definition().def[0]).to_string();
    assert_eq!(
        import(with_terminal(definition(), Vec::new())).err(),
        Some(ReadError::NoResult)
    );
    assert_eq!(
        import(with_terminal(definition(), vec![input(&missing, 0)])).err(),
        Some(ReadError::Missing {
            position: 3,
            digest: missing
        })
    );
    assert_eq!(
        import(with_terminal(definition(), vec![input("nonsense", 0)])).err(),
        Some(ReadError::Missing {
            position: 3,
            digest: "nonsense".to_owned()
        })
    );
    assert_eq!(
        import(with_terminal(definition(), vec![input(&known, -1)])).err(),
        Some(ReadError::Index {
            position: 3,
            digest: known,
            index: -1
        })
    );
    let mut proto = definition();
    proto.def.insert(0, vec![0xff].into());
    assert!(matches!(
        import(proto).err(),
        Some(ReadError::Decode { position: 0, .. })
    ));
    for index in [-1, 1] {
        let mut proto = definition();
        let source = proto.source.as_mut().expect("a source");
        for locations in source.locations.values_mut() {
            for location in &mut locations.locations {
                location.source_index = index;
            }
        }
        assert_eq!(import(proto).err(), Some(ReadError::Location { index }));
    }
}

#[test]
fn graphs_refuse_what_is_broken() {
    let read = |proto: ops::Definition| {
        Graph::read(&Definition::try_from(proto).expect("digests")).map(|_| ())
    };
    assert_eq!(
        read(with_terminal(definition(), Vec::new())),
        Err(ReadError::NoResult)
    );
    let mut proto = definition();
    proto.def.remove(0);
    assert!(matches!(
        read(proto),
        Err(ReadError::Missing { position: 0, .. })
    ));
    let mut proto = definition();
    proto.def[0] = vec![0xff].into();
    assert!(matches!(
        read(proto),
        Err(ReadError::Decode { position: 0, .. })
    ));
    // A source whose identifier isn't UTF-8: that is only noticed when all of it is decoded.
    let mut proto = definition();
    proto.def.insert(0, vec![0x1a, 3, 0x0a, 1, 0xff].into());
    assert!(import(proto.clone()).is_ok());
    assert!(matches!(
        read(proto),
        Err(ReadError::Decode { position: 0, .. })
    ));
}

/// A daemon uses the last operation as the terminal one, and accepts the others in any order and with duplicates.
#[test]
fn the_order_of_operations_does_not_matter() {
    let state = State::local("context")
        .run(Exec::shell("a"))
        .root()
        .file(FileAction::mkdir("/x", 0o755))
        .run(Exec::shell("b"))
        .root();
    let options = MarshalOptions::new().local_unique_id("u");
    let definition = state.marshal(&options);
    let mut proto = ops::Definition::from(&definition);
    let terminal = proto.def.pop().expect("a terminal");
    proto.def.reverse();
    proto.def.push(proto.def[0].clone());
    proto.def.push(terminal);
    let mixed = Definition::try_from(proto).expect("digests");
    let [graph, other] = [&definition, &mixed].map(Graph::read);
    assert_eq!(
        graph.expect("valid").to_json(),
        other.expect("valid").to_json()
    );
    let imported = State::from_definition(&mixed).expect("valid");
    assert_eq!(imported.marshal(&options), definition);
}

/// Two bytes become a mount of hundreds of bytes in memory: small messages mustn't fill it.
#[test]
fn many_parts_in_few_bytes_are_refused() {
    let mounts = [0x12, 0x00].repeat(2 << 20);
    let mut bytes = vec![0x12];
    prost::encoding::encode_varint(mounts.len() as u64, &mut bytes);
    bytes.extend(mounts);
    let digest = buildkit_llb::Digest::of(&bytes).to_string();
    let proto = ops::Definition {
        def: vec![bytes.into()],
        ..ops::Definition::default()
    };
    let input = ops::Input { digest, index: 0 };
    let definition = with_terminal(proto, vec![input]);
    let definition = Definition::try_from(definition).expect("digests");
    let refused = Err(0);
    let position = |error: ReadError| match error {
        ReadError::Decode { position, .. } => position,
        other => panic!("{other}"),
    };
    assert_eq!(
        Graph::read(&definition).map(|_| ()).map_err(position),
        refused
    );
    let imported = State::from_definition(&definition);
    assert_eq!(imported.map(|_| ()).map_err(position), refused);
    // A million and more empty operations, files and locations.
    for part in [&[0x0a, 0x00][..], &[0x1a, 0x02, 0x12, 0x00]] {
        let message = part.repeat(2 << 20);
        assert!(matches!(
            Definition::from_bytes(message),
            Err(DefinitionError::Decode(_))
        ));
    }
}

#[test]
fn graphs_go_on_from_each_operation() {
    let definition = Definition::try_from(definition()).expect("digests");
    let graph = Graph::read(&definition).expect("a graph");
    let parts = Parts::read(&definition).expect("a graph");
    for (number, vertex) in graph.vertices().iter().enumerate() {
        let state = parts.state(number, 0).expect("an operation");
        let alone = state.marshal(&MarshalOptions::new());
        assert_eq!(alone.result_digest(), Some(vertex.digest()));
        let read = Graph::read(&alone).expect("a graph");
        assert_eq!(read.vertices().len(), number + 1);
        assert_eq!(read.vertices()[number].name(), vertex.name());
    }
    assert!(parts.state(graph.vertices().len(), 0).is_none());
}

/// Files may come from graphs that have files themselves, but not to unlimited depth.
#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| {
        (0..levels).fold(Vec::new(), |inner: Vec<u8>, _| {
            let file = ops::SourceInfo {
                definition: Some(ops::Definition::decode(&*inner).expect("a definition")),
                ..ops::SourceInfo::default()
            };
            let source = ops::Source {
                infos: vec![file],
                ..ops::Source::default()
            };
            let definition = ops::Definition {
                source: Some(source),
                ..ops::Definition::default()
            };
            definition.encode_to_vec()
        })
    };
    assert!(Definition::from_bytes(nested(10)).is_ok());
    let error = Definition::from_bytes(nested(33)).expect_err("too deep");
    assert!(matches!(error, DefinitionError::Decode(_)), "{error}");
}

#[test]
fn definitions_refuse_what_is_no_message() {
    assert!(matches!(
        Definition::from_bytes(vec![0xff]),
        Err(DefinitionError::Decode(_))
    ));
    let mut proto = definition();
    proto
        .metadata
        .insert("nonsense".to_owned(), ops::OpMetadata::default());
    assert!(matches!(
        Definition::try_from(proto),
        Err(DefinitionError::Digest(_))
    ));
}

#[test]
fn unknown_capabilities_stay_and_are_missed() {
    let mut proto = definition();
    for metadata in proto.metadata.values_mut() {
        metadata.caps.insert("from.the.future".to_owned(), false);
    }
    let definition = Definition::try_from(proto).expect("digests");
    let error = definition.check(&Support::full()).expect_err("unknown");
    assert_eq!(error.id, "from.the.future");
    assert_eq!(error.reason, UnsupportedReason::Unknown);
    let bytes = definition.to_bytes();
    assert_eq!(Definition::from_bytes(bytes), Ok(definition));
}

#[test]
fn checks_name_what_is_missing() {
    let definition = Definition::try_from(definition()).expect("digests");
    assert_eq!(definition.check(&Support::full()), Ok(()));
    let error = definition.check(&Support::before_lists());
    assert_eq!(error.expect_err("too old").id, Capability::FileBase.id());
    assert!(
        definition
            .capabilities()
            .contains(Capability::SourceLocalUnique)
    );
}

#[test]
fn the_graph_that_yielded_a_file_is_kept() {
    let origin = State::local("dockerfile").marshal(&MarshalOptions::new());
    let map = SourceMap::new("file", "Text", "x").with_definition(origin.clone());
    let made = FileAction::mkdir("/x", 0o755).located(&map, [Range::line(1)]);
    let definition = State::scratch().file(made).marshal(&MarshalOptions::new());
    let read = Definition::from_bytes(definition.to_bytes()).expect("valid");
    assert_eq!(read, definition);
    let files = read.source().expect("a source").files();
    assert_eq!(files[0].definition.as_ref(), Some(&origin));
}

#[test]
fn equal_files_appear_once() {
    let map = || SourceMap::new("file", "Text", "x");
    let [first, second, other] = [map(), map(), SourceMap::new("file", "Text", "y")];
    let state = State::local("a")
        .run(
            Exec::shell("x")
                .located(&first, [Range::line(1)])
                .located(&second, [Range::line(2)])
                .located(&other, []),
        )
        .root();
    let definition = state.marshal(&MarshalOptions::new());
    let source = definition.source().expect("a source");
    assert_eq!(source.files().len(), 2);
    let head = definition.result_digest().expect("a head");
    let locations = source.locations().get(&head).expect("locations");
    let files: Vec<i32> = locations.iter().map(buildkit_llb::Location::file).collect();
    assert_eq!(files, [0, 0, 1]);
}

/// Compares the names of vectors and golden graphs in the table of fields with those that exist.
#[test]
fn the_table_of_fields_names_tests_that_exist() {
    let table = include_str!("../src/fields.md");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let files = std::fs::read_dir(folder).expect("vectors");
    let files: Vec<String> = files
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    let golden = include_str!("golden.txt");
    let functions = [include_str!("golden.rs"), include_str!("reading.rs")].concat();
    for row in table.lines().filter(|line| line.starts_with('|')).skip(2) {
        let tests = row
            .trim_end_matches([' ', '|'])
            .rsplit('|')
            .next()
            .unwrap_or_default();
        for name in tests.split('`').skip(1).step_by(2) {
            let prefix = name.trim_end_matches('*');
            let exists = files.iter().any(|file| file.starts_with(prefix))
                || golden.lines().any(|line| line.starts_with(prefix))
                || functions.contains(&format!("fn {name}()"))
                || name.starts_with("source::");
            assert!(exists, "no test `{name}` for {row}");
        }
    }
}
