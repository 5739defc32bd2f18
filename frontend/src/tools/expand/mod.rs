//! `expand`: a file with everything that it uses written out, as a Stagefile that builds the same.
//!
//! It is written from the plan of a build, in which templates, imports, matrices and expressions have become stages and steps.
//! Comments say where each comes from. Inherited settings are left out again, so that the result reads like a hand-written file.

mod asserts;
mod images;
mod keys;
mod origins;
mod rest;
mod settings;
mod steps;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use buildkit_llb::Platform;
use serde_json::{Value, json};
use stagefile_language::plan::{Base, Layers, Output, Plan, Settings, Stage};
use stagefile_language::source::{Sources, Span};

use crate::convert::node::{Entry, Node};
use crate::convert::write::write;
use keys::{Keys, quoted, text};

/// An expanded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// The file's name.
    pub filename: String,
    /// The file's text.
    pub text: String,
}

impl Expanded {
    /// Creates the answer to `frontend.expand`.
    pub fn json(&self) -> Value {
        json!({ "filename": self.filename, "data": self.text })
    }
}

/// Expands a plan.
///
/// # Errors
///
/// Returns what can't be expressed in a file after expansion, one sentence each.
pub fn expand(plan: &Plan, sources: &Sources, platform: &Platform) -> Result<Expanded, String> {
    let mut writer = Writer {
        plan,
        sources,
        platform,
        names: plan.stages.iter().map(|one| one.name.as_str()).collect(),
        caches: BTreeMap::new(),
        presets: BTreeSet::new(),
        unwritable: Vec::new(),
    };
    let entries = writer.file();
    if !writer.unwritable.is_empty() {
        return Err(writer.unwritable.join("\n"));
    }
    let main = sources.main();
    let first = main.text().lines().next().unwrap_or_default();
    let directive = first.strip_prefix('#');
    let is_directive = directive.is_some_and(|rest| rest.trim_start().starts_with("syntax="));
    let directive = is_directive.then(|| format!("{}\n", first.trim_end()));
    let filename = main.name().to_owned();
    let mut written = format!(
        "{}# {filename} for {platform}, with all that it uses written out; comments say where each part comes from.\n\n",
        directive.unwrap_or_default()
    );
    written.push_str(&write(&entries));
    Ok(Expanded {
        filename,
        text: written,
    })
}

/// The context for writing.
struct Writer<'a> {
    plan: &'a Plan,
    sources: &'a Sources,
    /// The default platform of stages.
    platform: &'a Platform,
    /// The names of all stages.
    names: HashSet<&'a str>,
    /// The definitions of caches, by name: one for each stage that uses it.
    caches: BTreeMap<String, Vec<(String, Node)>>,
    /// The presets that are used.
    presets: BTreeSet<&'static str>,
    unwritable: Vec<String>,
}

impl Writer<'_> {
    fn file(&mut self) -> Vec<Entry> {
        let plan = self.plan;
        let left_out = self.left_out();
        let stages = plan.stages.iter().enumerate();
        let stages = stages.filter(|(index, _)| !left_out[*index]);
        let stages: Vec<Entry> = stages
            .map(|(_, stage)| {
                let keys = self.stage(stage);
                Entry::new(stage.name.as_str(), Node::Block(keys.0))
                    .with_comments(&[self.place(stage.span, &[])])
                    .spaced()
            })
            .collect();
        let mut file = Keys::default();
        let caches = std::mem::take(&mut self.caches);
        let mut definitions = Keys::default();
        for (name, uses) in caches {
            if self.presets.contains(name.as_str()) {
                self.unwritable(format!(
                    "`{name}` is a cache of the file in one stage and the preset in another"
                ));
            }
            let definition = self.definition(&name, &uses);
            definitions.add(&name, definition);
        }
        if !definitions.0.is_empty() {
            file.add("caches", Node::Block(definitions.0));
        }
        file.add("stages", Node::Block(stages));
        file.text("target", &plan.stage(plan.default).name);
        let entries = file.0.into_iter();
        entries.map(Entry::spaced).collect()
    }

    /// Finds the stages that aren't fully known, because the target doesn't need them, and those that need these.
    fn left_out(&self) -> Vec<bool> {
        let stages = &self.plan.stages;
        let mut left_out: Vec<bool> = stages.iter().map(|stage| stage.lacks_base).collect();
        let mut count = 0;
        // Usually there are none.
        while count < left_out.iter().filter(|is_left_out| **is_left_out).count() {
            count = left_out.iter().filter(|is_left_out| **is_left_out).count();
            for (index, stage) in stages.iter().enumerate() {
                left_out[index] |= stage.needs().any(|(needed, _)| left_out[needed.index()]);
            }
        }
        left_out
    }

    fn stage(&mut self, stage: &Stage) -> Keys {
        let mut keys = Keys::default();
        keys.optional("description", stage.description.as_ref());
        keys.add("from", self.base(&stage.base.value));
        // The default.
        let usual = match &stage.base.value {
            Base::Stage(_) => &stage.platform,
            Base::External(external) => external.platform(self.platform),
            Base::Scratch => self.platform,
        };
        if *usual != stage.platform {
            keys.text("platform", &stage.platform.to_string());
        }
        let inherited = match &stage.base.value {
            Base::Stage(id) => Settings {
                secrets: Vec::new(),
                ssh: Vec::new(),
                ..self.plan.stage(*id).settings.clone()
            },
            _ => Settings::default(),
        };
        self.settings(&mut keys, &stage.name, &inherited, &stage.settings);
        self.mounts(&mut keys, rest::mounts(&inherited, &stage.settings));
        let required = stage.requires.iter();
        let required = required.map(|id| self.stage_name(id.value));
        keys.list("requires", required.collect());
        if !stage.steps.is_empty() {
            let steps = self.steps(stage, &stage.steps);
            keys.add("steps", steps);
        }
        let mut outputs = Keys::default();
        for name in stage.outputs.names() {
            if let Some(Output::Path(path)) = stage.output(name) {
                outputs.text(name, path);
            }
        }
        keys.map("outputs", outputs);
        let mut reports = Keys::default();
        for report in &stage.reports {
            reports.text(&report.name, &report.path.value);
        }
        keys.map("reports", reports);
        match &stage.layers.value {
            Layers::Step => {}
            Layers::One => keys.text("layers", "one"),
            Layers::Groups(groups) => {
                let groups = groups.iter().map(|group| {
                    let mut keys = Keys::default();
                    keys.text("name", &group.name);
                    keys.texts("paths", &group.paths);
                    Node::Map(keys.0)
                });
                keys.add("layers", Node::List(groups.collect()));
            }
        }
        keys.map("image", images::image(&stage.image));
        let facts = self.assertions(stage);
        keys.map("assert", facts);
        keys
    }

    /// Describes where something comes from: its location, and the uses of its template.
    fn place(&self, span: Span, uses: &[Span]) -> String {
        let line = |span: Span| {
            let file = self.sources.file(span);
            format!("{}:{}", file.name(), file.line(span.start).0)
        };
        let used: Vec<String> = uses.iter().rev().map(|span| line(*span)).collect();
        match used.as_slice() {
            [] => format!(" {}", line(span)),
            used => format!(" {}, used at {}", line(span), used.join(", ")),
        }
    }

    /// Merges the definitions of a cache in several stages: differences become an expression with the name of the stage.
    fn definition(&mut self, name: &str, uses: &[(String, Node)]) -> Node {
        let uses: Vec<(&str, &Node)> = uses
            .iter()
            .map(|(one, node)| (one.as_str(), node))
            .collect();
        merged(&uses).unwrap_or_else(|| {
            self.unwritable(format!(
                "the cache `{name}` differs from stage to stage in more than strings"
            ))
        })
    }

    /// Records something that can't be written.
    fn unwritable(&mut self, what: String) -> Node {
        self.unwritable.push(what);
        text("")
    }
}

/// Merges the values of several stages; `None` if they don't have the same shape.
fn merged(uses: &[(&str, &Node)]) -> Option<Node> {
    let (_, first) = uses.first()?;
    if uses.iter().all(|(_, node)| node == first) {
        return Some((*first).clone());
    }
    match first {
        Node::Map(entries) => {
            let others: Option<Vec<(&str, &Vec<Entry>)>> = uses
                .iter()
                .map(|(stage, node)| match node {
                    Node::Map(others) if same_keys(entries, others) => Some((*stage, others)),
                    _ => None,
                })
                .collect();
            let others = others?;
            let entries = entries.iter().enumerate().map(|(index, entry)| {
                let values = others.iter();
                let values: Vec<(&str, &Node)> = values
                    .map(|(stage, entries)| (*stage, &entries[index].value))
                    .collect();
                Some(Entry::new(entry.key.as_str(), merged(&values)?))
            });
            Some(Node::Map(entries.collect::<Option<_>>()?))
        }
        Node::Text(_) | Node::Bare(_) => {
            let mut values = BTreeMap::new();
            for (stage, node) in uses {
                let (Node::Text(value) | Node::Bare(value)) = node else {
                    return None;
                };
                if values
                    .insert(*stage, value)
                    .is_some_and(|other| other != value)
                {
                    return None;
                }
            }
            let values = values
                .into_iter()
                .map(|(stage, value)| format!("{}: {}", quoted(stage), expression(value)));
            let values: Vec<String> = values.collect();
            let values = values.join(", ");
            Some(Node::Text(format!("${{{{ {{{values}}}[stage.name] }}}}")))
        }
        _ => None,
    }
}

/// Writes a value in an expression.
fn expression(value: &str) -> String {
    let inner = value.strip_prefix("${{ ");
    match inner.and_then(|inner| inner.strip_suffix(" }}")) {
        Some(inner) => inner.to_owned(),
        None => quoted(&value.replace("$${{", "${{")),
    }
}

fn same_keys(entries: &[Entry], others: &[Entry]) -> bool {
    let keys = |entries: &[Entry]| -> Vec<String> {
        entries.iter().map(|entry| entry.key.clone()).collect()
    };
    keys(entries) == keys(others)
}
