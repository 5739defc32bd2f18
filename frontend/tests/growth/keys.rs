//! The cost of every key with a long value.

use std::fmt::Write as _;

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::Source;
use stagefile_language::syntax::keys::Shape;
use stagefile_language::syntax::tree::{self, Value};

use crate::placement::{files_with, keys};
use crate::{SMALL, TIMES, check, grows_faster};

/// Writes this many values for a key, as copies of its example, or as different strings if `distinct`. `None` if the
/// key has a single value.
fn many(key: &str, example: &str, shape: Shape, count: usize, distinct: bool) -> Option<String> {
    let takes_names = |shape: Shape| match shape {
        Shape::Named(_) | Shape::TextMap | Shape::Data => true,
        Shape::Either(a, b) => [a, b].iter().any(|one| matches!(one, Shape::Named(_))),
        _ => false,
    };
    let takes_lists = |shape: Shape| match shape {
        Shape::Texts | Shape::List(_) | Shape::OneOrMore(_) | Shape::Data | Shape::TextMap => true,
        Shape::Either(a, b) => [a, b]
            .iter()
            .any(|one| matches!(one, Shape::List(_) | Shape::Texts | Shape::OneOrMore(_))),
        _ => false,
    };
    let source = Source::new("example", format!("{key}: {example}"));
    let tree = tree::read(&source, &mut Diagnostics::default())?;
    let Value::Mapping(entries) = &tree.value else {
        return None;
    };
    let node = &entries.first()?.value;
    let mut text = String::new();
    match &node.value {
        Value::Sequence(items) if !items.is_empty() && takes_lists(shape) => {
            for number in 0..count {
                let item = &items[number % items.len()];
                match &item.value {
                    Value::Scalar(_) if distinct => _ = write!(text, "name{number}, "),
                    _ => _ = write!(text, "{}, ", source.slice(item.span)),
                }
            }
            Some(format!("[{text}]"))
        }
        Value::Scalar(_) if takes_lists(shape) => {
            for number in 0..count {
                if distinct {
                    _ = write!(text, "name{number}, ");
                } else {
                    _ = write!(text, "{}, ", source.slice(node.span));
                }
            }
            Some(format!("[{text}]"))
        }
        Value::Mapping(entries) if !entries.is_empty() && takes_names(shape) => {
            for number in 0..count {
                let entry = &entries[number % entries.len()];
                let value = source.slice(entry.value.span);
                _ = write!(
                    text,
                    "{}{number}: {value}, ",
                    if distinct { "name" } else { "a" }
                );
            }
            Some(format!("{{ {text} }}"))
        }
        _ => None,
    }
}

#[test]
fn every_key_costs_what_it_is_long() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, table, key) in keys() {
        for distinct in [false, true] {
            let value = |count| many(key.name, key.example, key.shape, count, distinct);
            let (Some(few), Some(more)) = (value(SMALL), value(SMALL * TIMES)) else {
                continue;
            };
            let small = files_with(name, table, key, &few);
            let large = files_with(name, table, key, &more);
            // If it is allowed in several places, one is enough: the same code reads them.
            let (Some(small), Some(large)) = (small.first(), large.first()) else {
                continue;
            };
            count += 1;
            let imported = "templates: { t: { steps: [] } }\n";
            let ((_, small), (_, large)) = (check(small, imported), check(large, imported));
            if grows_faster(small, large) {
                wrong.push(format!(
                    "{name}.{} with {TIMES} times as many values ({}) allocates {} instead of {} bytes",
                    key.name,
                    if distinct { "distinct" } else { "alike" },
                    large.allocated,
                    small.allocated
                ));
            }
        }
    }
    assert!(count >= 80, "few keys: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
