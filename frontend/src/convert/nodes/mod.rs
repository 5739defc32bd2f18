//! Conversion of stages and steps to keys and values.

mod image;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Arg, Cache, CacheDirectory, File, From, Secret, Source, Stage};
use super::node::{Entry, Item, Node};
use super::settle::Settled;
use super::template::{Template, escaped};
use super::words::Variables;

use image::image;

/// The names of a file's stages, by index.
pub(super) struct Names<'a> {
    names: Vec<&'a str>,
    all: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of_stages(stages: &'a [Stage]) -> Self {
        let names = || stages.iter().map(|stage| stage.name.as_str());
        Self {
            names: names().collect(),
            all: names().collect(),
        }
    }

    fn name(&self, index: usize) -> &str {
        self.names.get(index).copied().unwrap_or_default()
    }

    fn source(&self, source: &Source) -> Option<Node> {
        match source {
            Source::Context => None,
            Source::Stage(index) => Some(Node::text(self.name(*index))),
            Source::Image(image) => Some(self.image(image)),
        }
    }

    /// Writes an image; if it has the name of a later stage, it is marked as an image.
    fn image(&self, image: &Template) -> Node {
        let written = image.written();
        if self.all.contains(written.as_str()) {
            Node::Map(vec![Entry::new("image", Node::text(written))])
        } else {
            Node::text(written)
        }
    }
}

/// Creates the entries of a file.
pub(super) fn file(file: &File, settled: &[Settled]) -> Vec<Entry> {
    let names = Names::of_stages(&file.stages);
    let mut entries = Vec::new();
    if !file.args.is_empty() {
        let args: Vec<Entry> = file.args.iter().map(arg).collect();
        // Arguments with more than a default get separate lines.
        let are_short = args.iter().all(|arg| matches!(arg.value, Node::Text(_)));
        let args = if are_short {
            Node::Map(args)
        } else {
            Node::Block(args)
        };
        entries.push(Entry::new("args", args).spaced());
    }
    if !file.secrets.is_empty() {
        let secrets = file.secrets.iter().map(secret).collect();
        entries.push(Entry::new("secrets", Node::Block(secrets)).spaced());
    }
    let stages = file.stages.iter().zip(settled).map(|(stage, settled)| {
        let entry = Entry::new(
            stage.name.as_str(),
            Node::Block(self::stage(stage, settled, &names)),
        );
        entry.with_comments(&stage.comments).spaced()
    });
    entries.push(Entry::new("stages", Node::Block(stages.collect())).spaced());
    entries
}

fn arg(arg: &Arg) -> Entry {
    let default = Node::text(escaped(&arg.default));
    let value = if arg.description.is_empty() && !arg.required {
        default
    } else {
        let mut entries = Vec::new();
        push(
            &mut entries,
            "default",
            (!arg.default.is_empty()).then_some(default),
        );
        push(
            &mut entries,
            "description",
            (!arg.description.is_empty()).then(|| Node::text(escaped(&arg.description))),
        );
        switch(&mut entries, "required", arg.required);
        Node::Map(entries)
    };
    Entry::new(arg.name.as_str(), value).with_comments(&arg.comments)
}

fn secret(secret: &Secret) -> Entry {
    let mut entries = Vec::new();
    push(&mut entries, "id", secret.id.as_deref().map(Node::text));
    push(&mut entries, "target", secret.target.as_ref().map(text));
    push(&mut entries, "env", secret.env.as_deref().map(Node::text));
    permissions(&mut entries, secret.mode, secret.uid, secret.gid);
    if secret.optional {
        entries.push(Entry::new("optional", Node::bare(true)));
    }
    Entry::new(secret.name.as_str(), Node::Map(entries))
}

fn permissions(entries: &mut Vec<Entry>, mode: Option<u32>, uid: Option<u32>, gid: Option<u32>) {
    push(
        entries,
        "mode",
        mode.map(|mode| Node::Bare(format!("{mode:04o}"))),
    );
    push(entries, "uid", uid.map(Node::bare));
    push(entries, "gid", gid.map(Node::bare));
}

fn push(entries: &mut Vec<Entry>, key: &str, value: Option<Node>) {
    entries.extend(value.map(|value| Entry::new(key, value)));
}

fn switch(entries: &mut Vec<Entry>, key: &str, on: bool) {
    if on {
        entries.push(Entry::new(key, Node::bare(true)));
    }
}

fn text(template: &Template) -> Node {
    Node::text(template.written())
}

fn variables(variables: &Variables) -> Option<Node> {
    let entries = variables
        .iter()
        .map(|(name, value)| Entry::new(name, text(value)));
    (!variables.is_empty()).then(|| Node::Map(entries.collect()))
}

fn words(words: &[String]) -> Node {
    Node::List(words.iter().map(|word| Node::text(escaped(word))).collect())
}

/// Creates the entries of a stage.
fn stage(stage: &Stage, settled: &Settled, names: &Names<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut comments = Keys::new(stage);
    push(
        &mut entries,
        "description",
        (!stage.description.is_empty()).then(|| Node::text(escaped(&stage.description))),
    );
    entries.push(Entry::new(
        "from",
        match &stage.from {
            From::Scratch => Node::text("scratch"),
            From::Stage(index) => Node::text(names.name(*index)),
            From::Image(image) => names.image(image),
        },
    ));
    push(&mut entries, "platform", stage.platform.as_ref().map(text));
    comments.push(
        &mut entries,
        "workdir",
        "workdir",
        settled.workdir.as_ref().map(text),
    );
    comments.push(
        &mut entries,
        "user",
        "user",
        settled.user.as_ref().map(text),
    );
    let env_of_image = !settled.image_env.is_empty();
    let key = if env_of_image { "" } else { "env" };
    comments.push(&mut entries, key, "env", variables(&settled.env));
    let key = if stage.image.shell.is_some() {
        ""
    } else {
        "shell"
    };
    comments.push(
        &mut entries,
        key,
        "shell",
        settled.shell.as_deref().map(words),
    );
    push(&mut entries, "caches", caches(&stage.caches, names));
    let requires = stage
        .requires
        .iter()
        .map(|index| Node::text(names.name(*index)));
    let requires: Vec<Node> = requires.collect();
    comments.push(
        &mut entries,
        "requires",
        "requires",
        (!requires.is_empty()).then_some(Node::List(requires)),
    );
    let mut steps: Vec<Item> = stage
        .steps
        .iter()
        .zip(&settled.steps)
        .map(|(step, own)| step::step(step, own, settled, names))
        .collect();
    let image = image(stage, settled, &mut comments);
    // Comments of keys that aren't written are kept where a reader will see them.
    let left = comments.left();
    if !left.is_empty() {
        match steps.first_mut() {
            Some(first) => {
                first.comments.splice(0..0, left);
            }
            None => {
                if let Some(first) = entries.first_mut() {
                    first.comments.extend(left);
                }
            }
        }
    }
    if !steps.is_empty() {
        entries.push(Entry::new("steps", Node::Items(steps)));
    }
    if !image.is_empty() {
        entries.push(Entry::new("image", Node::Map(image)).with_comments(&comments.take("image")));
    }
    entries
}

/// The comments of keys that are written once.
struct Keys {
    comments: BTreeMap<&'static str, Vec<String>>,
    /// The comments of the key `image` itself.
    image: Vec<String>,
}

impl Keys {
    fn new(stage: &Stage) -> Self {
        let mut comments = stage.key_comments.clone();
        let image = comments.remove("image").unwrap_or_default();
        Self { comments, image }
    }

    fn take(&mut self, key: &str) -> Vec<String> {
        if key == "image" {
            return std::mem::take(&mut self.image);
        }
        self.comments.remove(key).unwrap_or_default()
    }

    /// Adds an entry with the comments of a key.
    fn push(&mut self, entries: &mut Vec<Entry>, of: &str, key: &str, value: Option<Node>) {
        if let Some(value) = value {
            let comments = self.take(of);
            entries.push(Entry::new(key, value).with_comments(&comments));
        }
    }

    fn left(&mut self) -> Vec<String> {
        std::mem::take(&mut self.comments)
            .into_values()
            .flatten()
            .collect()
    }
}

fn caches(caches: &[Cache], names: &Names<'_>) -> Option<Node> {
    let list = caches.iter().map(|cache| match cache {
        Cache::Preset(name) => Node::text(*name),
        Cache::Directory(directory) => directory_of(directory, names),
    });
    (!caches.is_empty()).then(|| Node::List(list.collect()))
}

fn directory_of(cache: &CacheDirectory, names: &Names<'_>) -> Node {
    let mut entries = vec![Entry::new("target", text(&cache.target))];
    push(&mut entries, "sharing", cache.sharing.map(Node::text));
    push(&mut entries, "id", cache.id.as_ref().map(text));
    push(
        &mut entries,
        "from",
        cache.from.as_ref().and_then(|from| names.source(from)),
    );
    push(
        &mut entries,
        "path",
        (cache.path.len() > 0).then(|| text(&cache.path)),
    );
    permissions(&mut entries, cache.mode, cache.uid, cache.gid);
    Node::Map(entries)
}
