//! Compares the output of this library with that of BuildKit's own Go library.
//!
//! Each vector is a small graph, described in JSON, and the bytes that Go makes from it. The folder is `LLB_VECTORS`,
//! or else the one that the project shares, or else the copy beside this file. All vectors in it are tested.

mod program;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use buildkit_llb::{
    Constrain, Definition, Digest, Graph, MarshalOptions, Platform, Range, SourceFile, State,
};
use serde::Deserialize;
use serde_json::Value;

use program::{Failure, Program};

#[derive(Deserialize)]
struct Vector {
    program: Program,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    head: String,
    #[serde(default)]
    definition_sha256: Option<String>,
    #[serde(default)]
    ops: Option<Vec<ExpectedOperation>>,
    #[serde(default)]
    metadata: BTreeMap<String, Value>,
    #[serde(default)]
    source: Option<Value>,
}

#[derive(Deserialize)]
struct ExpectedOperation {
    digest: String,
    bytes_base64: String,
    #[serde(default)]
    op: Value,
}

#[test]
fn vectors_are_equal_to_go() {
    check_all(&folder(), |definition| {
        let verified = definition.verify();
        verified.map_err(|error| format!("a daemon would refuse it: {error}"))
    });
}

/// Our own programs, which together use every field of the format. A generator made them, and Go's library made the
/// expected results.
#[test]
fn generated_vectors_are_equal_to_go() {
    // They include graphs that daemons refuse: Go marshals these, too.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors-random");
    check_all(&folder, |_| Ok(()));
}

fn check_all(folder: &Path, verify: fn(&Definition) -> Result<(), String>) {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of vectors can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no vectors in {}", folder.display());
    let failures: Vec<String> = names
        .iter()
        .filter_map(|path| {
            Some(format!(
                "{}: {}",
                path.display(),
                check(path, verify).err()?
            ))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} vectors differ:\n{}",
        failures.len(),
        names.len(),
        failures.join("\n")
    );
}

fn folder() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Some(folder) = env::var_os("LLB_VECTORS") {
        // Tests run in the crate's folder, but a relative path is relative to where cargo was called.
        let from_workspace = crate_folder.join("..").join(&folder);
        return if Path::new(&folder).is_dir() {
            folder.into()
        } else {
            from_workspace
        };
    }
    let shared = crate_folder.join("../../shared/vectors/llb");
    if shared.is_dir() {
        shared
    } else {
        crate_folder.join("tests/vectors")
    }
}

fn check(path: &Path, verify: fn(&Definition) -> Result<(), String>) -> Result<(), String> {
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let vector: Vector = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let state = match (vector.program.build(), &vector.expect.error) {
        (Err(Failure::Refused(_)), Some(_)) => return Ok(()),
        (Ok(_), Some(error)) => return Err(format!("should fail with {error}")),
        (Err(failure), _) => return Err(failure.to_string()),
        (Ok(state), None) => state,
    };
    let options = options(&vector.program)?;
    let definition = state.marshal(&options);
    compare(&definition, &vector.expect)?;
    verify(&definition)?;
    go_on_from(&definition, &options)
}

fn options(program: &Program) -> Result<MarshalOptions, String> {
    let platform = program.platform.as_deref().unwrap_or("linux/amd64");
    let platform: Platform = platform
        .parse()
        .map_err(|error| format!("{platform}: {error}"))?;
    Ok(MarshalOptions::new()
        .on_platform(platform)
        .local_unique_id("vector-session"))
}

fn compare(definition: &Definition, expect: &Expect) -> Result<(), String> {
    for (position, (actual, expected)) in definition
        .operations()
        .iter()
        .zip(expect.ops.iter().flatten())
        .enumerate()
    {
        let actual = base64(actual);
        if actual != expected.bytes_base64 {
            return Err(format!(
                "operation {position} is\n  {actual}, not\n  {} ({}: {})",
                expected.bytes_base64, expected.digest, expected.op
            ));
        }
    }
    let count = expect.ops.iter().flatten().count();
    if definition.operations().len() != count {
        return Err(format!(
            "{} operations, not {count}",
            definition.operations().len()
        ));
    }
    let head = definition
        .result_digest()
        .map(|head| head.to_string())
        .unwrap_or_default();
    if head != expect.head {
        return Err(format!("head {head}, not {}", expect.head));
    }
    let metadata: BTreeMap<String, Value> = definition
        .metadata()
        .iter()
        .map(|(digest, metadata)| (digest.to_string(), program::metadata_json(metadata)))
        .collect();
    if metadata != expect.metadata {
        return Err(format!(
            "metadata {metadata:#?}, not {:#?}",
            expect.metadata
        ));
    }
    let source = definition.source().map(program::source_json);
    if source != expect.source {
        return Err(format!("source {source:#?}, not {:#?}", expect.source));
    }
    let graph = Graph::read(definition).map_err(|error| error.to_string())?;
    for (vertex, expected) in graph.vertices().iter().zip(expect.ops.iter().flatten()) {
        let json: serde_json::Value =
            serde_json::from_str(&vertex.to_json()).map_err(|error| error.to_string())?;
        if json["op"] != expected.op {
            return Err(format!("JSON {}, not {}", json["op"], expected.op));
        }
    }
    // Not required, since Go's usual encoder isn't deterministic. Ours is, and equals Go's deterministic one.
    let whole = Digest::of(&definition.to_bytes()).to_string();
    match &expect.definition_sha256 {
        Some(expected) if *expected != whole => Err(format!("definition {whole}, not {expected}")),
        _ => Ok(()),
    }
}

/// A marshalled graph that is imported and marshalled again stays the same.
fn go_on_from(definition: &Definition, options: &MarshalOptions) -> Result<(), String> {
    let bytes = definition.to_bytes();
    let read = Definition::from_bytes(bytes).map_err(|error| error.to_string())?;
    if read != *definition {
        return Err("reading the definition gives another one".to_owned());
    }
    let state = State::from_definition(&read).map_err(|error| error.to_string())?;
    let again = state.marshal(options);
    // The inputs of a file operation are visited backwards if it is new, and forwards if it was imported, as in Go, so
    // the order of operations may change.
    let sorted = |definition: &Definition| {
        let mut operations = definition.operations().to_vec();
        operations.sort();
        operations
    };
    if sorted(&again) != sorted(definition)
        || again.operations().last() != definition.operations().last()
        || again.metadata() != definition.metadata()
        || places(&again) != places(definition)
    {
        return Err("importing the definition gives another one".to_owned());
    }
    Ok(())
}

/// A file, and ranges in it.
type FileRanges = (SourceFile, Vec<Range>);

/// Returns the locations of each operation, with the files themselves. Their order may differ if equal operations were
/// written in several places.
fn places(definition: &Definition) -> Vec<(Digest, Vec<FileRanges>)> {
    let Some(source) = definition.source() else {
        return Vec::new();
    };
    let locations = source.locations().iter();
    let resolved = locations.map(|(digest, locations)| {
        let places = locations.iter().map(|location| {
            let index = usize::try_from(location.file()).expect("an index");
            (source.files()[index].clone(), location.ranges().to_vec())
        });
        (*digest, places.collect())
    });
    resolved.collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let [first, second, third] = group.map(u32::from);
        let bits = first << 16 | second << 8 | third;
        for digit in 0..4 {
            if digit > chunk.len() {
                text.push('=');
            } else {
                let index = (bits >> (18 - 6 * digit)) & 63;
                text.push(char::from(DIGITS[index as usize]));
            }
        }
    }
    text
}
