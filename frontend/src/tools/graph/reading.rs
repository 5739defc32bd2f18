//! Reading of saved graphs: definitions, the output of `buildctl debug dump-llb`, provenance, and this program's own JSON.

use std::collections::BTreeMap;

use buildkit_llb::{Definition, Graph, ReadError};
use serde_json::{Map, Value};

use super::model::{FileLines, Input, Model, Vertex, list, text};

impl Model {
    /// Reads a definition.
    pub fn from_definition(definition: &Definition) -> Result<Self, ReadError> {
        let graph = Graph::read(definition)?;
        // One vertex at a time: the JSON of all vertices is several times as large as the model.
        let mut builder = Builder::default();
        for vertex in graph.vertices() {
            builder.add_json(vertex.to_json_value());
        }
        let result = graph.result();
        let (id, output) = result.map_or_else(Default::default, |(vertex, output)| {
            (vertex.digest().to_string(), output.to_string())
        });
        let mut model = builder.finish(&id, &output);
        let files = definition.source().map(|source| source.files().iter());
        let files = files.into_iter().flatten();
        model.files = files
            .map(|file| {
                let text = String::from_utf8_lossy(&file.data).into_owned();
                (file.filename.clone(), text)
            })
            .collect();
        Ok(model)
    }

    /// Reads the JSON that this program writes.
    fn of_json(mut json: Value) -> Self {
        let mut builder = Builder::default();
        if let Value::Array(vertices) = json["vertices"].take() {
            for vertex in vertices {
                builder.add_json(vertex);
            }
        }
        let output = output_of(&json["result"]["index"]);
        builder.finish(text(&json["result"]["digest"]), &output)
    }

    /// Reads the output of `buildctl debug dump-llb`: one object for each vertex.
    fn of_dump(dump: &str) -> Option<Self> {
        let mut builder = Builder::default();
        let mut last = None;
        for vertex in serde_json::Deserializer::from_str(dump).into_iter::<Value>() {
            let mut vertex = vertex.ok()?;
            let digest = vertex["Digest"].as_str()?.to_owned();
            let metadata = &vertex["OpMetadata"];
            let added = Vertex {
                name: text(&metadata["description"]["llb.customname"]).to_owned(),
                is_always: metadata["ignore_cache"] == true,
                ..Vertex::default()
            };
            let is_end = vertex["Op"]["Op"].is_null();
            if is_end || last.is_none() {
                last = Some(digest.clone());
            }
            builder.add(&digest, added, vertex["Op"].take());
        }
        let last = last.filter(|_| !builder.vertices.is_empty())?;
        // The terminal has no operation. If it isn't printed, the result is the vertex that no other one uses.
        let last = match builder.numbers.get(&last) {
            Some(number) if builder.vertices[*number].op.is_empty() => last,
            _ => builder.unused()?,
        };
        Some(builder.finish(&last, "0"))
    }

    /// Reads provenance with a graph in it, alone or in a statement, for one platform or for several.
    fn of_provenance(json: &Value) -> Option<Self> {
        let mut found = None;
        let mut pending = vec![json];
        while let Some(value) = pending.pop() {
            match value {
                Value::Object(object) => {
                    if let Some(Value::Array(vertices)) = object.get("llbDefinition") {
                        found = found.or(Some(vertices));
                    }
                    pending.extend(object.values());
                }
                Value::Array(values) => pending.extend(values),
                _ => {}
            }
        }
        let mut builder = Builder::default();
        for vertex in found? {
            let mut op = match vertex.as_object()?.get("op") {
                Some(Value::Object(op)) => op.clone(),
                None | Some(Value::Null) => Map::new(),
                Some(_) => return None,
            };
            let inputs = list(&vertex["inputs"]).iter().map(|input| {
                let (id, index) = text(input).rsplit_once(':').unwrap_or((text(input), "0"));
                serde_json::json!({ "digest": id, "index": index })
            });
            op.insert("inputs".to_owned(), inputs.collect());
            builder.add(text(&vertex["id"]), Vertex::default(), Value::Object(op));
        }
        let last = builder.unused()?;
        Some(builder.finish(&last, "0"))
    }

    /// Reads a file with a graph in any supported format.
    pub fn saved(bytes: &[u8]) -> Option<Self> {
        if bytes.first() != Some(&b'{') && bytes.first() != Some(&b'[') {
            return Self::from_definition(&Definition::from_bytes(bytes.to_vec()).ok()?).ok();
        }
        let text = std::str::from_utf8(bytes).ok()?;
        match serde_json::from_str::<Value>(text) {
            Ok(json) if json["vertices"].is_array() => Some(Self::of_json(json)),
            Ok(json) => Self::of_provenance(&json).or_else(|| Self::of_dump(text)),
            // Several objects.
            Err(_) => Self::of_dump(text),
        }
    }
}

/// Parses the index of the result of a vertex.
fn output_of(index: &Value) -> String {
    match text(&flat(index.clone())) {
        "" => "0".to_owned(),
        index => index.to_owned(),
    }
}

/// Builds a model from vertices, one by one.
#[derive(Default)]
struct Builder {
    vertices: Vec<Vertex>,
    numbers: BTreeMap<String, usize>,
}

impl Builder {
    /// Adds a vertex in this program's JSON.
    fn add_json(&mut self, mut vertex: Value) {
        let added = Vertex {
            name: text(&vertex["name"]).to_owned(),
            places: list(&vertex["locations"]).iter().flat_map(places).collect(),
            is_always: vertex["metadata"]["ignore_cache"] == true,
            ..Vertex::default()
        };
        let op = vertex["op"].take();
        self.add(text(&vertex["digest"]), added, op);
    }

    fn add(&mut self, id: &str, mut vertex: Vertex, op: Value) {
        let Value::Object(mut op) = flat(op) else {
            return;
        };
        let inputs = op.remove("inputs").unwrap_or_default();
        let inputs: Vec<(usize, String)> = list(&inputs)
            .iter()
            .filter_map(|input| {
                let number = self.numbers.get(text(&input["digest"]))?;
                Some((*number, output_of(&input["index"])))
            })
            .collect();
        op.remove("constraints");
        if let Some(source) = op.get_mut("source")
            && let Some(Value::Object(attributes)) = source.get_mut("attrs")
        {
            // It is unique to a build, and irrelevant to what is built.
            attributes.remove("local.unique");
            attributes.remove("local.session");
        }
        let (roles, uses) = take_roles(&mut op, inputs.len());
        vertex.uses = uses;
        vertex.inputs = inputs
            .into_iter()
            .zip(roles)
            .map(|((vertex, output), role)| Input {
                vertex,
                output,
                role,
            })
            .collect();
        vertex.op = op;
        if vertex.name.is_empty() {
            vertex.name = named(&vertex.op);
        }
        self.numbers.insert(id.to_owned(), self.vertices.len());
        self.vertices.push(vertex);
    }

    /// Returns the ID of the last vertex that no other one uses.
    fn unused(&self) -> Option<String> {
        let mut used = vec![false; self.vertices.len()];
        for input in self.vertices.iter().flat_map(|vertex| &vertex.inputs) {
            used[input.vertex] = true;
        }
        let last = used.iter().rposition(|used| !used)?;
        let found = self.numbers.iter().find(|(_, number)| **number == last)?;
        Some(found.0.clone())
    }

    /// Finishes with the vertex with an ID, or with the vertex that it refers to if it is a terminal without an operation.
    fn finish(mut self, result: &str, output: &str) -> Model {
        let result = self.numbers.get(result);
        let mut result = result.map(|result| (*result, output.to_owned()));
        if let Some((end, _)) = result
            && end + 1 == self.vertices.len()
            && self.vertices[end].op.is_empty()
        {
            let input = self.vertices[end].inputs.first();
            result = input.map(|input| (input.vertex, input.output.clone()));
            self.vertices.pop();
        }
        Model {
            vertices: self.vertices,
            result,
            files: Vec::new(),
        }
    }
}

/// Normalizes Go's JSON and this program's: removes wrapper objects that only Go has, and defaults, and converts numbers and
/// enums to strings.
fn flat(value: Value) -> Value {
    match value {
        Value::Object(mut object) => {
            object.retain(|key, value| {
                *value = flat(value.take());
                if let Value::String(text) = value
                    && let Some(word) = chosen(key, text)
                {
                    word.clone_into(text);
                }
                match value {
                    Value::Null | Value::Bool(false) => false,
                    Value::String(text) => !text.is_empty() && text != "0",
                    Value::Array(values) => !values.is_empty(),
                    _ => true,
                }
            });
            for key in ["Op", "Action"] {
                if let Some(Value::Object(inner)) = object.get_mut(key) {
                    let inner = std::mem::take(inner);
                    object.remove(key);
                    object.extend(inner);
                }
            }
            Value::Object(object)
        }
        Value::Array(values) => Value::Array(values.into_iter().map(flat).collect()),
        Value::Number(number) => Value::String(number.to_string()),
        other => other,
    }
}

/// Returns the name of an enum's number.
fn chosen(key: &str, number: &str) -> Option<&'static str> {
    let words: &[&str] = match key {
        "mountType" => &["", "SECRET", "SSH", "CACHE", "TMPFS"],
        "network" => &["", "HOST", "NONE"],
        "security" => &["", "INSECURE"],
        "sharing" => &["", "PRIVATE", "LOCKED"],
        "contentCache" => &["", "ON", "OFF"],
        _ => return None,
    };
    words.get(number.parse::<usize>().ok()?).copied()
}

/// Determines the role and the uses of each input, and removes the indexes of inputs from the operation, so that it doesn't
/// depend on their order.
fn take_roles(op: &mut Map<String, Value>, count: usize) -> (Vec<String>, Vec<Option<usize>>) {
    let mut roles = vec![String::new(); count];
    let mut uses = Vec::new();
    let mut set = |number: Option<usize>, role: &str| {
        let number = number.filter(|number| *number < count);
        uses.push(number);
        if let Some(slot) = number.and_then(|number| roles.get_mut(number))
            && slot.is_empty()
        {
            role.clone_into(slot);
        }
    };
    // The index 0 is a default, which isn't written.
    let number = |value: Option<&Value>| match value {
        None => Some(0),
        Some(number) => text(number).parse::<usize>().ok(),
    };
    if let Some(Value::Object(exec)) = op.get_mut("exec") {
        for mount in mapped(exec.get_mut("mounts")) {
            let dest = text(mount.get("dest").unwrap_or(&Value::Null)).to_owned();
            let role = if dest == "/" { String::new() } else { dest };
            set(number(mount.remove("input").as_ref()), &role);
        }
    }
    if let Some(Value::Object(file)) = op.get_mut("file") {
        for action in mapped(file.get_mut("actions")) {
            let copy = action.get("copy").map(|copy| text(&copy["src"]).to_owned());
            let is_copy = copy.is_some();
            for (key, role, is_used) in [
                ("input", String::new(), true),
                ("secondaryInput", copy.unwrap_or_default(), is_copy),
            ] {
                let input = number(action.get(key)).filter(|_| is_used);
                set(input, &role);
                match input.and_then(|input| input.checked_sub(count)) {
                    // The result of another action.
                    Some(other) => {
                        let other = Value::String(format!("action {}", other + 1));
                        action.insert(key.to_owned(), other);
                    }
                    None if input.is_some() => _ = action.remove(key),
                    None => {}
                }
            }
        }
    }
    if op.contains_key("diff") && count > 1 {
        "upper".clone_into(&mut roles[count - 1]);
    }
    if op.contains_key("merge") || op.contains_key("build") || op.contains_key("passthrough") {
        for (number, role) in roles.iter_mut().enumerate().skip(1) {
            *role = format!("input {}", number + 1);
        }
    }
    (roles, uses)
}

fn mapped(value: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let values = value.and_then(Value::as_array_mut);
    let values = values.into_iter().flatten();
    values.filter_map(Value::as_object_mut)
}

/// Names an operation that has no custom name.
fn named(op: &Map<String, Value>) -> String {
    if let Some(source) = op.get("source") {
        return text(&source["identifier"]).to_owned();
    }
    if let Some(exec) = op.get("exec") {
        let args = list(&exec["meta"]["args"]).iter().map(text);
        return args.collect::<Vec<_>>().join(" ");
    }
    if let Some(file) = op.get("file") {
        let actions = list(&file["actions"]).iter().filter_map(|action| {
            let (kind, what) = action
                .as_object()?
                .iter()
                .find(|(_, value)| value.is_object())?;
            let path = match kind.as_str() {
                "copy" => format!("{} {}", text(&what["src"]), text(&what["dest"])),
                "symlink" => text(&what["newpath"]).to_owned(),
                _ => text(&what["path"]).to_owned(),
            };
            Some(format!("{kind} {path}"))
        });
        return actions.collect::<Vec<_>>().join(", ");
    }
    let kind = op.iter().find(|(_, value)| value.is_object());
    kind.map(|(kind, _)| kind.clone()).unwrap_or_default()
}

fn places(location: &Value) -> Vec<FileLines> {
    let number = |value: &Value| usize::try_from(value.as_i64()?).ok();
    let file = number(&location["file"]).unwrap_or_default();
    let ranges = list(&location["ranges"]).iter();
    ranges
        .filter_map(|range| {
            Some(FileLines {
                file,
                start: number(&range[0])?,
                end: number(&range[2])?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_graph_is_none() {
        for text in [
            r#"{"llbDefinition":[{"op":"x"}]}"#,
            r#"{"llbDefinition":[{"op":[]}]}"#,
            r#"{"llbDefinition":[1]}"#,
            r#"{"llbDefinition":[]}"#,
            "{}",
            "[]",
            "{",
        ] {
            assert!(Model::saved(text.as_bytes()).is_none(), "{text}");
        }
    }
}
