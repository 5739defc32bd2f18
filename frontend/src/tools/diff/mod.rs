//! `diff`: the steps that differ between two graphs, and how. The first difference on each path is the reason why
//! everything after it runs again.

mod changes;
mod report;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::graph::{Input, Model, Vertex};
use changes::changes;

/// The maximum length of a chain of steps in which a moved step is searched for.
const FAR: usize = 256;

/// The result of comparing two graphs.
#[derive(Debug)]
pub struct Difference {
    /// The first differences on their paths, in the order of the second graph.
    pub steps: Vec<Step>,
    /// The number of steps of the second graph that are also in the first.
    pub same: usize,
    /// Whether the results are identical, and so everything that they are made from.
    is_none: bool,
}

/// A step that differs between the graphs.
#[derive(Debug)]
pub struct Step {
    /// The kind of difference.
    pub kind: Kind,
    /// The step's name.
    pub name: String,
    /// The location in a file: the file's name and the line.
    pub place: Option<(String, usize)>,
    /// The changes, if the step is in both graphs.
    pub changes: Vec<Change>,
    /// The steps that differ only because this one does.
    pub following: Vec<String>,
}

/// How a step differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both graphs have it, with changes.
    Changed,
    /// Only the second graph has it.
    Added,
    /// Only the first graph has it.
    Removed,
}

/// A changed part of a step.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// The part's name.
    pub what: String,
    /// The old value; `None` if there was none.
    pub before: Option<String>,
    /// The new value; `None` if there is none.
    pub after: Option<String>,
}

/// Compares two graphs.
pub fn compare(before: &Model, after: &Model) -> Difference {
    let mut keys = Keys::default();
    let (old, new) = (keys.number(before), keys.number(after));
    let all = |model: &Model, numbers: &Numbers| -> BTreeSet<usize> {
        let reached = reached(model).into_iter();
        reached.map(|vertex| numbers.whole[vertex]).collect()
    };
    let (known, kept) = (all(before, &old), all(after, &new));
    let result = |model: &Model, numbers: &Numbers| {
        let (vertex, output) = model.result.clone()?;
        Some((numbers.whole[vertex], output))
    };
    let is_none = result(before, &old) == result(after, &new);
    let mut comparing = Comparing {
        before,
        after,
        old: &old,
        new: &new,
        known: &known,
        kept: &kept,
        changed: BTreeMap::new(),
        others: BTreeMap::new(),
        removed: BTreeSet::new(),
    };
    comparing.run();
    let mut steps = comparing.following();
    let Comparing { removed, .. } = comparing;
    for vertex in removed {
        steps.push(step(Kind::Removed, vertex, before));
    }
    let reached = reached(after);
    let same = reached
        .iter()
        .filter(|vertex| known.contains(&new.whole[**vertex]));
    Difference {
        same: same.count(),
        steps,
        is_none,
    }
}

/// Numbers that identify equal vertices in both graphs.
#[derive(Default)]
struct Keys {
    own: HashMap<String, usize>,
    whole: HashMap<Whole, usize>,
}

/// An operation with everything that it is made from.
#[derive(PartialEq, Eq, Hash)]
struct Whole {
    own: usize,
    /// Its inputs, in the order of their uses: the order in the operation may differ.
    places: Vec<Option<(usize, String)>>,
    /// Other inputs, with their roles.
    others: Vec<(String, usize, String)>,
}

/// The numbers of a graph's vertices.
struct Numbers {
    /// By the operation alone.
    own: Vec<usize>,
    /// By the operation and everything that it is made from.
    whole: Vec<usize>,
}

impl Keys {
    fn number(&mut self, model: &Model) -> Numbers {
        let mut numbers = Numbers {
            own: Vec::new(),
            whole: Vec::new(),
        };
        for vertex in &model.vertices {
            let text = format!("{}{}", Value::Object(vertex.op.clone()), vertex.is_always);
            let next = self.own.len();
            let own = *self.own.entry(text).or_insert(next);
            let key = |input: &Input| (numbers.whole[input.vertex], input.output.clone());
            let places = vertex.uses.iter();
            let places = places.map(|number| vertex.inputs.get((*number)?).map(key));
            let places = places.collect();
            let others = vertex.inputs.iter().enumerate();
            let others = others.filter(|(number, _)| !vertex.uses.contains(&Some(*number)));
            let others = others.map(|(_, input)| {
                let (whole, output) = key(input);
                (input.role.clone(), whole, output)
            });
            let mut others: Vec<_> = others.collect();
            others.sort();
            let next = self.whole.len();
            let whole = Whole {
                own,
                places,
                others,
            };
            let whole = self.whole.entry(whole).or_insert(next);
            numbers.own.push(own);
            numbers.whole.push(*whole);
        }
        numbers
    }
}

/// A vertex, and the index of its result.
type Use<'a> = Option<(usize, &'a str)>;

/// Two vertices that are compared, and their position.
struct Pair<'a> {
    at: At<'a>,
    old: Use<'a>,
    new: Use<'a>,
}

/// The position of vertices.
#[derive(Clone, Copy)]
enum At<'a> {
    /// They are the results of their graphs.
    Result,
    /// They have the same role for two vertices.
    Part(usize, usize, &'a str),
    /// They are below a step that only the second graph has.
    Added,
}

struct Comparing<'a> {
    before: &'a Model,
    after: &'a Model,
    old: &'a Numbers,
    new: &'a Numbers,
    /// What is in the first graph.
    known: &'a BTreeSet<usize>,
    /// What is in the second graph.
    kept: &'a BTreeSet<usize>,
    /// Vertices of the second graph that changed themselves, with their old versions, if there were any.
    changed: BTreeMap<usize, Option<usize>>,
    /// Vertices of the second graph that now use another vertex, though both are in both graphs.
    others: BTreeMap<usize, Vec<Change>>,
    removed: BTreeSet<usize>,
}

impl<'a> Comparing<'a> {
    fn run(&mut self) {
        let mut seen = BTreeSet::new();
        let result = |model: &'a Model| model.result.as_ref().map(|one| (one.0, one.1.as_str()));
        let mut pending = vec![Pair {
            at: At::Result,
            old: result(self.before),
            new: result(self.after),
        }];
        while let Some(pair) = pending.pop() {
            let (Some((old, was)), Some((new, is))) = (pair.old, pair.new) else {
                self.replaced(&pair);
                continue;
            };
            let (was_whole, is_whole) = (self.old.whole[old], self.new.whole[new]);
            let (was_kept, is_known) = (
                self.kept.contains(&was_whole),
                self.known.contains(&is_whole),
            );
            if was_whole == is_whole || was_kept && is_known {
                // For each vertex that uses them, however often.
                if was_whole != is_whole || was != is {
                    self.note(&pair);
                }
                continue;
            }
            if was != is && matches!(pair.at, At::Part(..)) {
                self.note(&pair);
            }
            if !seen.insert((old, new)) {
                continue;
            }
            let (was_vertex, is_vertex) = (&self.before.vertices[old], &self.after.vertices[new]);
            if self.old.own[old] != self.new.own[new] {
                // A step may have been inserted between two others, or removed.
                if let Some(found) = base_chain(self.after, new, |one| {
                    self.new.own[one] == self.old.own[old]
                }) {
                    self.add_chain(new, found);
                    let (at, new) = (At::Added, Some((found, is)));
                    pending.push(Pair { at, new, ..pair });
                    continue;
                }
                if let Some(found) = base_chain(self.before, old, |one| {
                    self.old.own[one] == self.new.own[new]
                }) {
                    self.remove_chain(old, found);
                    let old = Some((found, was));
                    pending.push(Pair { old, ..pair });
                    continue;
                }
                if was_kept || is_known {
                    self.replaced(&pair);
                    continue;
                }
                if kind(was_vertex) == kind(is_vertex) {
                    self.changed.insert(new, Some(old));
                } else {
                    self.changed.entry(new).or_insert(None);
                    self.removed.insert(old);
                }
            }
            let pairs = pairs(was_vertex, is_vertex).into_iter();
            pending.extend(pairs.map(|(role, was, is)| Pair {
                at: At::Part(old, new, role),
                old: was,
                new: is,
            }));
        }
    }

    /// Records a vertex that replaces an unrelated one, with what only it needs.
    fn replaced(&mut self, pair: &Pair<'a>) {
        let (old, new) = (pair.old.map(|one| one.0), pair.new.map(|one| one.0));
        let is_kept = old.is_none_or(|old| self.kept.contains(&self.old.whole[old]));
        let is_known = new.is_none_or(|new| self.known.contains(&self.new.whole[new]));
        if is_known && (is_kept || new.is_some() && matches!(pair.at, At::Part(..))) {
            self.note(pair);
        }
        self.only_one(old, new);
    }

    /// Records that a vertex uses another result than before.
    fn note(&mut self, pair: &Pair<'a>) {
        let (old, new) = (pair.old, pair.new);
        let title = |model: &Model, (vertex, output): (usize, &str)| {
            let title = model.vertices[vertex].title();
            match output {
                "0" => title,
                output => format!("{title} (output {output})"),
            }
        };
        let (vertex, was, what) = match (pair.at, old, new) {
            (At::Part(was, is, ""), ..) => (is, was, "base"),
            (At::Part(was, is, role), ..) => (is, was, role),
            (At::Result, Some(old), Some(new)) => (new.0, old.0, "result"),
            _ => return,
        };
        self.changed.entry(vertex).or_insert(Some(was));
        self.others.entry(vertex).or_default().push(Change {
            what: what.to_owned(),
            before: old.map(|old| title(self.before, old)),
            after: new.map(|new| title(self.after, new)),
        });
    }

    /// Records a vertex without a counterpart, with what only it needs.
    fn only_one(&mut self, old: Option<usize>, new: Option<usize>) {
        let mut pending: Vec<usize> = new.into_iter().collect();
        while let Some(new) = pending.pop() {
            if self.known.contains(&self.new.whole[new]) || self.changed.contains_key(&new) {
                continue;
            }
            self.changed.insert(new, None);
            pending.extend(
                self.after.vertices[new]
                    .inputs
                    .iter()
                    .map(|input| input.vertex),
            );
        }
        let mut pending: Vec<usize> = old.into_iter().collect();
        while let Some(old) = pending.pop() {
            if self.kept.contains(&self.old.whole[old]) || !self.removed.insert(old) {
                continue;
            }
            pending.extend(
                self.before.vertices[old]
                    .inputs
                    .iter()
                    .map(|input| input.vertex),
            );
        }
    }

    /// Creates the steps, and determines which others follow each: those that only run again because of it.
    fn following(&mut self) -> Vec<Step> {
        let model = self.after;
        let mut steps: Vec<Step> = Vec::new();
        // The step that each vertex follows. Vertices come after what they use.
        let mut cause: Vec<Option<usize>> = vec![None; model.vertices.len()];
        for vertex in reached(model) {
            let this = &model.vertices[vertex];
            let causes = this.inputs.iter().filter_map(|input| cause[input.vertex]);
            let first = causes.min();
            if let Some(was) = self.changed.get(&vertex) {
                cause[vertex] = Some(first.unwrap_or(steps.len()));
                steps.push(match was {
                    None => step(Kind::Added, vertex, model),
                    Some(was) => {
                        let mut changes = changes(&self.before.vertices[*was], this);
                        changes.extend(self.others.remove(&vertex).unwrap_or_default());
                        let step = step(Kind::Changed, vertex, model);
                        Step { changes, ..step }
                    }
                });
            } else if !self.known.contains(&self.new.whole[vertex]) {
                cause[vertex] = first;
                if let Some(first) = first {
                    steps[first].following.push(this.title());
                }
            }
        }
        steps
    }

    fn add_chain(&mut self, mut from: usize, to: usize) {
        while from != to {
            self.changed.insert(from, None);
            let Some(base) = base(self.after, from) else {
                return;
            };
            from = base;
        }
    }

    fn remove_chain(&mut self, mut from: usize, to: usize) {
        while from != to {
            self.removed.insert(from);
            let Some(base) = base(self.before, from) else {
                return;
            };
            from = base;
        }
    }
}

/// Returns the base of a vertex.
fn base(model: &Model, vertex: usize) -> Option<usize> {
    let inputs = &model.vertices[vertex].inputs;
    let base = inputs.iter().find(|input| input.role.is_empty());
    base.map(|input| input.vertex)
}

/// Searches the chain of a vertex's bases.
fn base_chain(model: &Model, vertex: usize, is_meant: impl Fn(usize) -> bool) -> Option<usize> {
    let chain = std::iter::successors(base(model, vertex), |one| base(model, *one));
    chain.take(FAR).find(|one| is_meant(*one))
}

/// Pairs the inputs of two vertices by their roles.
fn pairs<'a>(was: &'a Vertex, is: &'a Vertex) -> Vec<(&'a str, Use<'a>, Use<'a>)> {
    let part = |input: &'a Input| Some((input.vertex, input.output.as_str()));
    let mut pairs = Vec::new();
    let mut left = was.used();
    for (role, input) in is.used() {
        let found = left.iter().position(|(other, _)| *other == role);
        let old = found.and_then(|found| part(left.remove(found).1));
        pairs.push((role, old, part(input)));
    }
    let left = left.into_iter();
    pairs.extend(left.map(|(role, input)| (role, part(input), None)));
    pairs
}

fn kind(vertex: &Vertex) -> Option<&str> {
    let kinds = vertex
        .op
        .iter()
        .find(|(key, value)| value.is_object() && *key != "platform");
    kinds.map(|(key, _)| key.as_str())
}

/// Returns the vertices that the result of a graph needs.
fn reached(model: &Model) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<usize> = model.result.iter().map(|result| result.0).collect();
    while let Some(vertex) = pending.pop() {
        if reached.insert(vertex) {
            pending.extend(
                model.vertices[vertex]
                    .inputs
                    .iter()
                    .map(|input| input.vertex),
            );
        }
    }
    reached
}

fn step(kind: Kind, vertex: usize, model: &Model) -> Step {
    let vertex = &model.vertices[vertex];
    let place = vertex.places.first();
    let place = place.and_then(|place| Some((model.files.get(place.file)?.0.clone(), place.start)));
    Step {
        kind,
        name: vertex.title(),
        place,
        changes: Vec::new(),
        following: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
