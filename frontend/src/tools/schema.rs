//! `schema`: the JSON Schema of the language, generated from the table of keys, for validation and completion in editors.
//!
//! It corresponds to the reader, as far as a schema can: any scalar is valid where a string is expected, and an expression
//! wherever a scalar is.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stagefile_language::plan::preset;
use stagefile_language::syntax::keys::{
    ACTIONS, ASSERT, ASSERT_FILE, DEVICE, FILE, IMPORT, Key, MATRIX, ORIGIN, ORIGINS, Presence,
    SECRET, STAGE, STEP, Shape, Table,
};
use stagefile_language::value::{CPUS, Form};

use super::library;
use super::literal::literal;

/// The pattern for strings with an expression.
const EXPRESSION: &str = r"\$\{\{";
/// The pattern for keys that users can add wherever the language has its own keys.
const EXTENSIONS: &str = "^x-";
/// The pattern for the names of stages, caches, secrets, outputs and reports, and of arguments.
const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// Returns the schema.
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let mut schema = definitions.record(&FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["description"] = json!("A Stagefile: how images are built.");
    schema["$defs"] = json!(definitions.0);
    // A file that others import has templates; a file that builds a stage of another file names it.
    schema["anyOf"] = json!([
        written("stages"),
        written("templates"),
        { "allOf": [written("imports"), written("target")] },
    ]);
    schema["properties"]["stages"]["minProperties"] = json!(1);
    schema
}

/// Requires that a key is present, with a value.
fn written(key: &str) -> Value {
    json!({ "required": [key], "properties": { key: { "not": { "type": "null" } } } })
}

/// Returns the schema as the text of a file.
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// The tables' schemas by name. The name is added before the schema is complete, since steps may contain steps.
#[derive(Default)]
struct Definitions(BTreeMap<String, Value>);

impl Definitions {
    fn reference(&mut self, table: &'static Table) -> Value {
        let name = table.slug();
        if !self.0.contains_key(&name) {
            self.0.insert(name.clone(), Value::Null);
            let schema = if table.place == STEP.place {
                self.choice(&STEP, &ACTIONS)
            } else if table.place == ORIGIN.place {
                self.choice(&ORIGIN, &ORIGINS)
            } else {
                self.record(table)
            };
            self.0.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn record(&mut self, table: &'static Table) -> Value {
        let properties: BTreeMap<&str, Value> = table
            .keys
            .iter()
            .map(|key| (key.name, self.property(table, key)))
            .collect();
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "patternProperties": { EXTENSIONS: true },
            "additionalProperties": false,
        });
        let required = names(table, Presence::Required);
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        let choices: Vec<Value> = names(table, Presence::OneOf)
            .iter()
            .map(|name| json!({ "required": [name] }))
            .collect();
        if !choices.is_empty() {
            schema["oneOf"] = json!(choices);
        }
        if table.place == IMPORT.place {
            schema["anyOf"] = json!([written("path"), written("from")]);
        }
        if table.key("use").is_some() && table.key("with").is_some() {
            schema["dependentRequired"] = json!({ "with": ["use"] });
        }
        schema
    }

    /// Creates the schema of any step, or of any long form of `from`. Each form has its own schema, selected by its key, so
    /// that an editor reports a wrong option of that form, rather than that the value matches none of the forms.
    fn choice(&mut self, any: &'static Table, forms: &[&'static Table]) -> Value {
        let mut schema = self.record(any);
        let forms: Vec<Value> = forms
            .iter()
            .map(|table| {
                let form = self.reference(table);
                json!({ "if": { "type": "object", "required": [table.main()] }, "then": form })
            })
            .collect();
        schema["allOf"] = json!(forms);
        // The options are those of the form.
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("additionalProperties");
            schema.remove("patternProperties");
        }
        schema
    }

    fn property(&mut self, table: &Table, key: &'static Key) -> Value {
        let mut schema = match key.shape {
            _ if key.name == "matrix" => self.matrix(),
            Shape::Named(inner) => self.named(inner, name_pattern(key.name)),
            shape => self.value(shape),
        };
        if table.place == ASSERT.place && key.name == "files" {
            // A path without an assertion is useless.
            let fact = schema["additionalProperties"].take();
            let something = json!({ "not": { "type": "null" } });
            schema["additionalProperties"] = json!({ "allOf": [fact, something] });
        }
        let refused = refused(table, key);
        if !refused.is_empty() {
            schema["not"] = json!({ "enum": refused });
        }
        // A key without a value counts as missing.
        if key.presence == Presence::Required {
            if key.shape == Shape::Texts {
                schema["minItems"] = json!(1);
            }
        } else {
            schema = nullable(schema);
        }
        if let Some(default) = key.default_value().and_then(literal) {
            schema["default"] = default;
        }
        if let Some(example) = literal(key.example) {
            schema["examples"] = json!([example]);
        }
        let default = match key.default {
            "" => String::new(),
            default => format!(" Default: {default}."),
        };
        // Editors show the example next to it.
        let meaning = format!("{}{default}", key.meaning);
        schema["description"] = json!(meaning);
        schema["markdownDescription"] = json!(meaning);
        suggest(&mut schema, &suggestions(table, key));
        schema
    }

    fn value(&mut self, shape: Shape) -> Value {
        match shape {
            Shape::Text => scalar(),
            Shape::Flag => one_of([json!({ "enum": [true, false] }), texts("^(true|false)$")]),
            Shape::Word(words) => one_of([json!({ "enum": words }), expression()]),
            Shape::Form(form) => self::form(form),
            // In a list, `~` is a string like any other.
            Shape::Texts => one_of([
                scalar(),
                json!({ "type": "array", "items": nullable(scalar()) }),
            ]),
            Shape::TextMap => one_of([
                self.named(&Shape::Text, None),
                json!({ "type": "array", "items": { "type": "string", "pattern": "=" } }),
            ]),
            Shape::Data => json!({}),
            // A secret without a name, so it has an ID.
            Shape::Record(table) if table.place == SECRET.place => {
                json!({ "allOf": [self.reference(table), written("id")] })
            }
            Shape::Record(table) => self.reference(table),
            Shape::Named(inner) => self.named(inner, None),
            // A program, which has at least one word.
            Shape::List(&Shape::Text) => {
                json!({ "type": "array", "items": nullable(scalar()), "minItems": 1 })
            }
            Shape::List(inner) => json!({ "type": "array", "items": self.value(*inner) }),
            Shape::OneOrMore(inner) => one_or_more(self.value(*inner)),
            Shape::Either(short, long) => one_of([self.value(*short), self.value(*long)]),
        }
    }

    /// Creates the schema of a matrix: names that the user chooses, in addition to its own keys.
    fn matrix(&mut self) -> Value {
        let mut schema = self.record(&MATRIX);
        schema["additionalProperties"] = nullable(self.value(Shape::Texts));
        schema["propertyNames"] = json!({ "pattern": VARIABLE });
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("patternProperties");
        }
        schema
    }

    fn named(&mut self, inner: &'static Shape, names: Option<&str>) -> Value {
        let value = match inner {
            Shape::Record(table) => self.reference(table),
            inner => self.value(*inner),
        };
        // `NAME:` alone defines an argument without a default, and a secret without options.
        let value = match inner {
            Shape::Record(table) if table.place != SECRET.place => value,
            _ => nullable(value),
        };
        let mut schema = json!({
            "type": "object",
            "additionalProperties": value,
        });
        schema["propertyNames"] = match names {
            Some(pattern) => json!({ "pattern": pattern }),
            None => json!({ "minLength": 1 }),
        };
        schema
    }
}

/// Returns the values that a key refuses although they have the right shape.
fn refused(table: &Table, key: &Key) -> Vec<Value> {
    match key.name {
        "shell" => vec![json!(""), json!([]), json!([""])],
        "layers" | "parallel" => vec![json!([])],
        "contains" | "stdout" | "stderr" | "devices" => vec![json!(""), json!([""])],
        "include" | "exclude" if key.shape == Shape::Texts => vec![json!(""), json!([""])],
        "cgroup-parent" => vec![json!("")],
        "name" if table.place == DEVICE.place => vec![json!("")],
        "symlink" if table.place == ASSERT_FILE.place => vec![json!("")],
        _ => Vec::new(),
    }
}

fn names(table: &Table, presence: Presence) -> Vec<&'static str> {
    table.present(presence).map(|key| key.name).collect()
}

/// Returns the pattern for names under a key, if there is a rule.
fn name_pattern(key: &str) -> Option<&'static str> {
    match key {
        "args" | "inputs" => Some(VARIABLE),
        "stages" | "templates" | "imports" | "caches" | "secrets" | "outputs" | "reports" => {
            Some(NAME)
        }
        _ => None,
    }
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn expression() -> Value {
    json!({ "type": "string", "pattern": EXPRESSION })
}

fn texts(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!("{pattern}|{EXPRESSION}") })
}

fn form(form: &Form) -> Value {
    let text = texts(form.pattern);
    match form.numbers {
        // The only form with fractions; the planner checks the minimum.
        Some((_, last)) if *form == CPUS.form => one_of([
            json!({ "type": "number", "minimum": 0.01, "maximum": last }),
            text,
        ]),
        Some((first, last)) => one_of([
            json!({ "type": "integer", "minimum": first, "maximum": last }),
            text,
        ]),
        None => text,
    }
}

fn one_or_more(value: Value) -> Value {
    let list = json!({ "type": "array", "items": value });
    one_of([value, list])
}

/// Creates a choice. No value matches two forms: if several may be meant, editors would explain all of them at once.
fn one_of<const COUNT: usize>(choices: [Value; COUNT]) -> Value {
    json!({ "oneOf": Value::Array(Vec::from(choices)) })
}

/// Returns predefined names for keys that accept names.
fn suggestions(table: &Table, key: &Key) -> Vec<String> {
    match key.name {
        "caches" => preset::ALL.iter().map(|one| one.name.to_owned()).collect(),
        "use" if table.place == STAGE.place => library::holding("stage"),
        "use" => library::holding("steps"),
        _ => Vec::new(),
    }
}

/// Makes editors suggest words for strings in a list or for a single value.
fn suggest(schema: &mut Value, words: &[String]) {
    if words.is_empty() {
        return;
    }
    if schema["type"]
        .as_array()
        .is_some_and(|types| types.contains(&json!("string")))
    {
        let snippets = words
            .iter()
            .map(|word| json!({ "label": word, "body": word }));
        schema["defaultSnippets"] = snippets.collect();
        return;
    }
    let choices = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    for choice in choices.into_iter().flatten() {
        suggest(choice, words);
    }
    if let Some(items) = schema.get_mut("items") {
        suggest(items, words);
    }
}

/// Also allows a missing value.
fn nullable(mut schema: Value) -> Value {
    let null = json!({ "type": "null" });
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.push(null);
        return schema;
    }
    if schema.as_object().is_some_and(serde_json::Map::is_empty) {
        // Data can be anything.
        return schema;
    }
    match schema.get_mut("type") {
        Some(Value::String(one)) => {
            let one = std::mem::take(one);
            schema["type"] = json!([one, "null"]);
            schema
        }
        Some(Value::Array(several)) => {
            several.push(json!("null"));
            schema
        }
        Some(_) => schema,
        None => one_of([schema, null]),
    }
}
