//! Where a file defines names, and where it uses them.

use std::collections::HashSet;
use std::ops::Range;

use stagefile_language::expression::places;
use stagefile_language::source::{Source, Span};
use stagefile_language::syntax::Scalar;
use stagefile_language::syntax::tree::{Entry, Node, Value};

use super::names::{Kind, STD, Site, child, entries, paths};

/// Lists the names of a file, in the order of the file.
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

struct Reader<'a> {
    source: &'a Source,
    sites: Vec<Site>,
    imports: HashSet<String>,
    /// The template being read.
    template: Option<String>,
    /// The stage being read.
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
                Kind::Import => {
                    for given in child(&one.value, "args").map(entries).unwrap_or_default() {
                        let owner = Some(one.key.text.clone());
                        self.refer(Kind::Arg, &given.key, 0..given.key.text.len(), owner);
                    }
                    self.inside(&one.value);
                }
                // The content of such a definition doesn't contain names of the same kind.
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
        self.refer_all(scalar, vec![(kind, part, owner)]);
    }

    /// Adds several names of one scalar, in order, so that one pass finds all their positions.
    fn refer_all(&mut self, scalar: &Scalar, names: Vec<(Kind, Range<usize>, Option<String>)>) {
        let parts = names.iter().map(|(_, part, _)| part.clone());
        let places = scalar.locate_all(self.source, parts);
        for ((kind, part, owner), place) in names.into_iter().zip(places) {
            let range = place.start - self.source.start()..place.end - self.source.start();
            self.sites.push(Site {
                kind,
                name: scalar.text[part].to_owned(),
                owner,
                whole: range.clone(),
                range,
                is_definition: false,
            });
        }
    }

    /// Reads the children of a node whose own words aren't names.
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

    /// Reads the inputs passed to a template of this file.
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
            let import = Some(text[..first].to_owned());
            self.refer(kind, scalar, at..end, import);
            if end < text.len() {
                let stage = Some(text[..end].to_owned());
                self.refer(Kind::Output, scalar, end + 1..text.len(), stage);
            }
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

    /// Reads the names in `${{ … }}`, or in a string that is an expression as a whole.
    fn expressions(&mut self, scalar: &Scalar, is_whole: bool) {
        let text = scalar.text.as_str();
        let mut found = Vec::new();
        if is_whole && !text.contains("${{") {
            self.expression(text, 0..text.len(), &mut found);
        } else {
            for range in places(text) {
                self.expression(text, range, &mut found);
            }
        }
        if !found.is_empty() {
            self.refer_all(scalar, found);
        }
    }

    fn expression(
        &self,
        text: &str,
        range: Range<usize>,
        found: &mut Vec<(Kind, Range<usize>, Option<String>)>,
    ) {
        for (at, path) in paths(&text[range.clone()]) {
            let at = range.start + at;
            let mut parts = path.split('.');
            let (Some(first), Some(name)) = (parts.next(), parts.next()) else {
                continue;
            };
            let start = at + first.len() + 1;
            let name = start..start + name.len();
            match first {
                "args" => found.push((Kind::Arg, name, None)),
                "inputs" => found.push((Kind::Variable, name, self.template.clone())),
                "matrix" => found.push((Kind::Variable, name, self.stage.clone())),
                _ => {}
            }
        }
    }
}

/// Returns the bytes of the file for a part of a scalar.
fn name_range(source: &Source, scalar: &Scalar, part: Range<usize>) -> Range<usize> {
    let Span { start, end, .. } = scalar.locate(source, part.start, part.end);
    start - source.start()..end - source.start()
}
