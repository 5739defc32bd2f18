//! What is allowed where: follows the language's tables of keys along the path to the cursor.

use stagefile_language::syntax::keys::{
    ACTIONS, ActionKind, FILE, Key, ORIGIN, ORIGINS, OriginKind, STEP, STEP_OPTIONS, Shape, Table,
};

use super::context::Part;

/// Lists the shapes that the value at the end of a path can have.
pub(super) fn at(path: &[Part]) -> Vec<Shape> {
    let mut shapes = vec![Shape::Record(&FILE)];
    for part in path {
        let mut next: Vec<Shape> = Vec::new();
        for shape in &shapes {
            follow(*shape, part, &mut next);
        }
        next.dedup();
        shapes = next;
    }
    shapes
}

/// Follows one part of the path.
fn follow(shape: Shape, part: &Part, found: &mut Vec<Shape>) {
    match (shape, part) {
        (Shape::Record(table), Part::Key(key, beside)) => {
            let keys = tables(table, &beside.keys)
                .into_iter()
                .filter_map(|table| table.key(key));
            let shapes: Vec<Shape> = keys.map(|key| key.shape).collect();
            found.extend(shapes.first());
        }
        (Shape::Named(value), Part::Key(..)) => found.push(*value),
        (Shape::TextMap, Part::Key(..)) | (Shape::Texts, Part::Item) => found.push(Shape::Text),
        (Shape::List(item) | Shape::OneOrMore(item), Part::Item) => found.push(*item),
        (Shape::OneOrMore(item), Part::Key(..)) => follow(*item, part, found),
        (Shape::Either(short, long), _) => {
            follow(*short, part, found);
            follow(*long, part, found);
        }
        _ => {}
    }
}

/// Returns the tables that apply to a mapping with these keys: one of the keys says what a step does, or what a long
/// form is for.
pub(super) fn tables(table: &'static Table, keys: &[String]) -> Vec<&'static Table> {
    if std::ptr::eq(table, &raw const STEP) {
        let action = keys.iter().find_map(|key| ActionKind::from_key(key));
        return match action {
            Some(action) => vec![action.table()],
            None => [&STEP, &STEP_OPTIONS].into_iter().chain(ACTIONS).collect(),
        };
    }
    if std::ptr::eq(table, &raw const ORIGIN) {
        let kind = keys.iter().find_map(|key| OriginKind::from_key(key));
        return match kind {
            Some(kind) => vec![kind.table()],
            None => std::iter::once(&ORIGIN).chain(ORIGINS).collect(),
        };
    }
    vec![table]
}

/// Lists the keys that a mapping may have besides those that it already has.
pub(super) fn keys(shapes: &[Shape], there: &[String]) -> Vec<&'static Key> {
    let mut found: Vec<&'static Key> = Vec::new();
    for table in records(shapes) {
        let tables = tables(table, there);
        // Without an action, only actions and the keys of every step.
        let most = if tables.len() > 2 {
            usize::from(std::ptr::eq(table, &raw const STEP)) + 1
        } else {
            tables.len()
        };
        for key in tables.into_iter().take(most).flat_map(|table| table.keys) {
            let is_new = !there.iter().any(|name| name == key.name);
            if is_new && !found.iter().any(|other| other.name == key.name) {
                found.push(key);
            }
        }
    }
    found
}

/// Returns the description of a key in a mapping.
pub(super) fn key(shapes: &[Shape], name: &str, there: &[String]) -> Option<&'static Key> {
    let tables = records(shapes)
        .into_iter()
        .flat_map(|table| tables(table, there));
    tables.into_iter().find_map(|table| table.key(name))
}

fn records(shapes: &[Shape]) -> Vec<&'static Table> {
    let mut found = Vec::new();
    for shape in shapes {
        collect(*shape, &mut found);
    }
    found
}

fn collect(shape: Shape, found: &mut Vec<&'static Table>) {
    match shape {
        Shape::Record(table) => found.push(table),
        Shape::OneOrMore(item) => collect(*item, found),
        Shape::Either(short, long) => {
            collect(*short, found);
            collect(*long, found);
        }
        _ => {}
    }
}

/// Lists the words that a value may be.
pub(super) fn words(shapes: &[Shape]) -> Vec<&'static str> {
    let words = shapes.iter().flat_map(|shape| match shape {
        Shape::Word(words) => words.to_vec(),
        Shape::Flag => vec!["true", "false"],
        Shape::OneOrMore(item) => words(&[**item]),
        Shape::Either(short, long) => words(&[**short, **long]),
        _ => Vec::new(),
    });
    words.collect()
}
