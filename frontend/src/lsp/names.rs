//! The names of a Stagefile: where each is defined, and where it is used.

use std::collections::HashSet;
use std::ops::Range;

use stagefile_language::source::{Source, Span};
use stagefile_language::syntax::Scalar;
use stagefile_language::syntax::tree::{Entry, Node, Value};

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A stage.
    Stage,
    /// A build argument.
    Arg,
    /// A secret.
    Secret,
    /// A cache.
    Cache,
    /// A file that is imported.
    Import,
    /// A template.
    Template,
    /// An input of a template, or a variable of a matrix.
    Variable,
    /// An output of a stage.
    Output,
}

impl Kind {
    /// Says it in a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Arg => "build argument",
            Self::Secret => "secret",
            Self::Cache => "cache",
            Self::Import => "import",
            Self::Template => "template",
            Self::Variable => "input",
            Self::Output => "output",
        }
    }
}

/// A place that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// What it is of.
    pub(super) kind: Kind,
    /// The name.
    pub(super) name: String,
    /// What it is a part of, where names are only looked for in there: an import, a template, a stage.
    pub(super) owner: Option<String>,
    /// The bytes of the name.
    pub(super) range: Range<usize>,
    /// Whether the name is defined here.
    pub(super) is_definition: bool,
    /// Of a definition: the bytes of all of it.
    pub(super) whole: Range<usize>,
}

impl Site {
    /// Tells whether two are the same thing.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.owner == other.owner
    }
}

/// Words after `imports:` that every file has without importing them.
pub(super) const STD: &str = stagefile_language::program::STD;

/// Lists the names of a file, in the order in which they stand there.
pub(super) fn sites(source: &Source, root: &Node) -> Vec<Site> {
    let mut reader = Reader {
        source,
        sites: Vec::new(),
        imports: HashSet::from([STD.to_owned()]),
        template: None,
        stage: None,
    };
    for entry in entries(root) {
        if entry.key.text == "imports" {
            let names = entries(&entry.value).iter().map(|one| one.key.text.clone());
            reader.imports.extend(names);
        }
    }
    for entry in entries(root) {
        reader.top(entry);
    }
    let mut sites = reader.sites;
    sites.sort_by_key(|site| (site.range.start, site.range.end));
    sites.dedup();
    sites
}

/// Lists the entries of a mapping; of anything else there are none.
pub(super) fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}

/// Returns the value of a key.
pub(super) fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entries(node)
        .iter()
        .find(|entry| entry.key.text == key)
        .map(|entry| &entry.value)
}

/// How many bytes are looked at for the places of one text's expressions, about.
const MOST_STEPS: usize = 20_000_000;

struct Reader<'a> {
    source: &'a Source,
    sites: Vec<Site>,
    imports: HashSet<String>,
    /// The template that is read.
    template: Option<String>,
    /// The stage that is read.
    stage: Option<String>,
}

impl Reader<'_> {
    fn top(&mut self, entry: &Entry) {
        let kind = match entry.key.text.as_str() {
            "args" => Kind::Arg,
            "secrets" => Kind::Secret,
            "caches" => Kind::Cache,
            "imports" => Kind::Import,
            "templates" => Kind::Template,
            "stages" => Kind::Stage,
            "target" => {
                self.scalars(&entry.value, Self::stage_name);
                self.values(&entry.key.text, &entry.value);
                return;
            }
            _ => {
                self.values(&entry.key.text, &entry.value);
                return;
            }
        };
        for one in entries(&entry.value) {
            self.define(kind, &one.key, &one.value, None);
            let name = Some(one.key.text.clone());
            match kind {
                Kind::Template => self.template = name,
                Kind::Stage => self.stage = name,
                _ => {}
            }
            match kind {
                Kind::Template => {
                    for part in entries(&one.value) {
                        match part.key.text.as_str() {
                            "inputs" => {
                                for input in entries(&part.value) {
                                    self.define(
                                        Kind::Variable,
                                        &input.key,
                                        &input.value,
                                        self.template.clone(),
                                    );
                                }
                            }
                            "stages" => {
                                for stage in entries(&part.value) {
                                    self.define(
                                        Kind::Stage,
                                        &stage.key,
                                        &stage.value,
                                        self.template.clone(),
                                    );
                                }
                            }
                            _ => {}
                        }
                        self.values(&part.key.text, &part.value);
                    }
                }
                Kind::Stage => self.stage_keys(&one.value),
                // What a definition of these says of itself names nothing of the kind that it is.
                _ => self.inside(&one.value),
            }
            (self.template, self.stage) = (None, None);
        }
    }

    fn stage_keys(&mut self, stage: &Node) {
        for part in entries(stage) {
            match part.key.text.as_str() {
                "matrix" => {
                    for variable in entries(&part.value) {
                        if !matches!(variable.key.text.as_str(), "include" | "exclude") {
                            self.define(
                                Kind::Variable,
                                &variable.key,
                                &variable.value,
                                self.stage.clone(),
                            );
                        }
                    }
                }
                "outputs" => {
                    for output in entries(&part.value) {
                        self.define(Kind::Output, &output.key, &output.value, self.stage.clone());
                    }
                }
                _ => {}
            }
            self.values(&part.key.text, &part.value);
        }
    }

    fn define(&mut self, kind: Kind, key: &Scalar, value: &Node, owner: Option<String>) {
        let end = value.span.end.max(key.span.end);
        self.sites.push(Site {
            kind,
            name: key.text.clone(),
            owner,
            range: name_range(self.source, key, 0..key.text.len()),
            is_definition: true,
            whole: key.span.start..end,
        });
    }

    fn refer(&mut self, kind: Kind, scalar: &Scalar, part: Range<usize>, owner: Option<String>) {
        let range = name_range(self.source, scalar, part.clone());
        self.sites.push(Site {
            kind,
            name: scalar.text[part].to_owned(),
            owner,
            whole: range.clone(),
            range,
            is_definition: false,
        });
    }

    /// Reads what is below a node, none of whose own words are names.
    fn inside(&mut self, node: &Node) {
        match &node.value {
            Value::Mapping(entries) => {
                for entry in entries.iter() {
                    self.values(&entry.key.text, &entry.value);
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| self.inside(item)),
            Value::Scalar(scalar) => self.expressions(scalar, false),
        }
    }

    /// Reads the value of a key.
    fn values(&mut self, key: &str, value: &Node) {
        match key {
            "from" | "in" => {
                if let Value::Scalar(scalar) = &value.value {
                    self.word(scalar, Kind::Stage);
                } else if let Some(Value::Scalar(scalar)) =
                    child(value, "stage").map(|node| &node.value)
                {
                    self.word(scalar, Kind::Stage);
                }
            }
            "requires" => self.scalars(value, |reader, scalar| reader.word(scalar, Kind::Stage)),
            "caches" => self.scalars(value, |reader, scalar| reader.word(scalar, Kind::Cache)),
            "secrets" => self.scalars(value, |reader, scalar| reader.word(scalar, Kind::Secret)),
            "use" => self.scalars(value, |reader, scalar| reader.word(scalar, Kind::Template)),
            "outputs" if self.stage.is_some() => {
                for output in entries(value) {
                    self.define(Kind::Output, &output.key, &output.value, self.stage.clone());
                }
            }
            "json" | "yaml" => return self.only_expressions(value),
            "if" => {
                if let Value::Scalar(scalar) = &value.value {
                    return self.expressions(scalar, true);
                }
            }
            _ => {}
        }
        if let Value::Mapping(entries) = &value.value
            && let Some(used) = entries
                .iter()
                .find(|entry| entry.key.text == "use")
                .and_then(|entry| entry.value.string())
        {
            self.inputs(used, entries);
        }
        if let Value::Sequence(items) = &value.value {
            for item in items.iter() {
                if let Some(used) = child(item, "use").and_then(Node::string) {
                    self.inputs(used, entries(item));
                }
            }
        }
        self.inside(value);
    }

    /// Reads the inputs that a template of this file is given.
    fn inputs(&mut self, template: &str, entries: &[Entry]) {
        let with = entries.iter().find(|entry| entry.key.text == "with");
        for input in with
            .map(|with| self::entries(&with.value))
            .unwrap_or_default()
        {
            self.refer(
                Kind::Variable,
                &input.key,
                0..input.key.text.len(),
                Some(template.to_owned()),
            );
        }
    }

    fn only_expressions(&mut self, node: &Node) {
        match &node.value {
            Value::Mapping(entries) => entries
                .iter()
                .for_each(|entry| self.only_expressions(&entry.value)),
            Value::Sequence(items) => items.iter().for_each(|item| self.only_expressions(item)),
            Value::Scalar(scalar) => self.expressions(scalar, false),
        }
    }

    fn scalars(&mut self, node: &Node, mut work: impl FnMut(&mut Self, &Scalar)) {
        match &node.value {
            Value::Scalar(scalar) => work(self, scalar),
            Value::Sequence(items) => {
                for item in items.iter() {
                    if let Value::Scalar(scalar) = &item.value {
                        work(self, scalar);
                    }
                }
            }
            Value::Mapping(_) => {}
        }
    }

    fn stage_name(&mut self, scalar: &Scalar) {
        self.word(scalar, Kind::Stage);
    }

    /// Reads a word such as `build`, `build.output`, `import.build`.
    fn word(&mut self, scalar: &Scalar, kind: Kind) {
        let text = scalar.text.as_str();
        if text.is_empty() || text.contains("${{") {
            return;
        }
        let (first, rest) = text.split_once('.').unwrap_or((text, ""));
        let (first, at) = (first.len(), first.len() + 1);
        if !rest.is_empty() && self.imports.contains(&text[..first]) {
            self.refer(Kind::Import, scalar, 0..first, None);
            let end = if kind == Kind::Stage {
                at + rest.find('.').unwrap_or(rest.len())
            } else {
                text.len()
            };
            self.refer(kind, scalar, at..end, Some(text[..first].to_owned()));
            return;
        }
        if kind != Kind::Stage {
            self.refer(kind, scalar, 0..text.len(), None);
            return;
        }
        if text.contains(['/', ':', '@']) {
            return;
        }
        self.refer(kind, scalar, 0..first, None);
        if !rest.is_empty() {
            self.refer(
                Kind::Output,
                scalar,
                at..text.len(),
                Some(text[..first].to_owned()),
            );
        }
    }

    /// Reads the names in `${{ … }}`, or in a text that is an expression as a whole.
    fn expressions(&mut self, scalar: &Scalar, is_whole: bool) {
        let text = scalar.text.as_str();
        if is_whole && !text.contains("${{") {
            return self.expression(scalar, 0..text.len());
        }
        // Each place is looked for from the beginning of the text.
        let most = (MOST_STEPS / text.len().max(1)).max(1);
        for range in expressions(text).into_iter().take(most) {
            self.expression(scalar, range);
        }
    }

    fn expression(&mut self, scalar: &Scalar, range: Range<usize>) {
        let text = &scalar.text[range.clone()];
        for (at, path) in paths(text) {
            let at = range.start + at;
            let mut parts = path.split('.');
            let (Some(first), Some(name)) = (parts.next(), parts.next()) else {
                continue;
            };
            let start = at + first.len() + 1;
            let name = start..start + name.len();
            match first {
                "args" => self.refer(Kind::Arg, scalar, name, None),
                "inputs" => self.refer(Kind::Variable, scalar, name, self.template.clone()),
                "matrix" => self.refer(Kind::Variable, scalar, name, self.stage.clone()),
                _ => {}
            }
        }
    }
}

/// Returns where a part of a scalar stands in the file.
fn name_range(source: &Source, scalar: &Scalar, part: Range<usize>) -> Range<usize> {
    let Span { start, end, .. } = scalar.locate(source, part.start, part.end);
    start - source.start()..end - source.start()
}

/// Finds what stands between `${{` and `}}`.
pub(super) fn expressions(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${{").map(|at| from + at) {
        let start = at + 3;
        let end = text[start..]
            .find("}}")
            .map_or(text.len(), |end| start + end);
        // `$${{` stands for itself.
        if !text[..at].ends_with('$') {
            found.push(start..end);
        }
        from = end;
    }
    found
}

/// Finds names with their members in an expression, outside of strings.
pub(super) fn paths(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            }
            continue;
        }
        let is_part = letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
        match start {
            None if is_part => start = Some(at),
            Some(from) if !is_part => {
                found.push((from, &text[from..at]));
                start = None;
            }
            _ => {}
        }
        if matches!(letter, '"' | '\'') {
            quote = Some(letter);
        }
    }
    found
}
