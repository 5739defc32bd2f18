//! Differences between two operations.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Change;
use crate::tools::graph::Vertex;

/// Returns the differences between two operations.
pub(super) fn changes(was: &Vertex, is: &Vertex) -> Vec<Change> {
    let mut changes = Vec::new();
    values(&named(&was.op), &named(&is.op), "", &mut changes);
    if was.is_always != is.is_always {
        let words = |always: bool| Some(if always { "never" } else { "as usual" }.to_owned());
        changes.push(Change {
            what: "cached".to_owned(),
            before: words(was.is_always),
            after: words(is.is_always),
        });
    }
    if changes.is_empty() && was.op != is.op {
        let order = |vertex: &Vertex| {
            let roles = vertex.used().into_iter().map(|(role, _)| role.to_owned());
            Some(
                roles
                    .filter(|role| !role.is_empty())
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        };
        changes.push(Change {
            what: "order".to_owned(),
            before: order(was),
            after: order(is),
        });
    }
    changes
}

/// Converts lists of named parts of an operation to mappings.
fn named(op: &Map<String, Value>) -> Value {
    let mut op = Value::Object(op.clone());
    if let Some(exec) = op.get_mut("exec").and_then(Value::as_object_mut) {
        for (key, word, name) in [("mounts", "mount", "dest"), ("secretenv", "secret", "ID")] {
            if let Some(Value::Array(all)) = exec.remove(key) {
                for one in all {
                    let name = format!("{word} {}", one[name].as_str().unwrap_or_default());
                    exec.insert(name, one);
                }
            }
        }
        if let Some(Value::Object(mut meta)) = exec.remove("meta") {
            if let Some(Value::Array(variables)) = meta.remove("env") {
                for variable in variables {
                    let variable = variable.as_str().unwrap_or_default();
                    let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
                    exec.insert(format!("variable {name}"), json!(value));
                }
            }
            if let Some(Value::Array(args)) = meta.remove("args") {
                for (number, argument) in args.into_iter().enumerate() {
                    exec.insert(format!("argument {number}"), argument);
                }
            }
            exec.extend(meta);
        }
    }
    if let Some(Value::Object(source)) = op.get_mut("source")
        && let Some(Value::Object(attributes)) = source.remove("attrs")
    {
        source.extend(attributes);
    }
    if let Some(Value::Array(actions)) = op.pointer_mut("/file/actions") {
        for action in actions {
            if let Some(Value::String(data)) = action.pointer_mut("/mkfile/data")
                && let Some(text) = decoded(data)
            {
                *data = text;
            }
        }
    }
    op
}

/// Decodes the content of a file, if it is text.
fn decoded(data: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .ok()?;
    String::from_utf8(bytes).ok()
}

/// Compares two values, which may be nested.
fn values(was: &Value, is: &Value, what: &str, changes: &mut Vec<Change>) {
    if was == is {
        return;
    }
    let inside = |key: &str| match what {
        // The kind of a step is obvious from its name.
        "" | "exec" | "file" | "source" => key.to_owned(),
        what => format!("{what} {key}"),
    };
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            let keys = was.keys().chain(is.keys());
            let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
            for key in keys {
                let part =
                    |object: &Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                values(&part(was), &part(is), &inside(key), changes);
            }
        }
        (Value::Array(was), Value::Array(is)) => {
            for number in 0..was.len().max(is.len()) {
                let part = |array: &[Value]| array.get(number).cloned().unwrap_or_default();
                let name = inside(&format!("{}", number + 1));
                values(&part(was), &part(is), &name, changes);
            }
        }
        (was, is) => changes.push(Change {
            what: what.to_owned(),
            before: shown(was),
            after: shown(is),
        }),
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => {
            let parts = object
                .iter()
                .map(|(key, value)| format!("{key}={}", shown(value).unwrap_or_default()));
            Some(parts.collect::<Vec<_>>().join(" "))
        }
        other => Some(other.to_string()),
    }
}
