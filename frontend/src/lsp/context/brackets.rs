//! The path into a value in brackets, up to the cursor.

use super::line::unquoted;
use super::{Beside, Context, Part, word};

/// Reads the brackets up to the cursor, and extends the path (`way`) by them. The innermost part is first.
pub(super) fn brackets(context: &mut Context, way: &mut Vec<Part>, text: &str, at: usize) {
    enum Open {
        List,
        Mapping(Beside, Option<String>),
    }
    // Takes the text before a comma or a bracket.
    let close = |open: Option<&mut Open>, value: &str| {
        if let Some(Open::Mapping(beside, key)) = open
            && let Some(key) = key.take()
        {
            beside.value(&key, value);
        }
    };
    let mut open: Vec<Open> = Vec::new();
    let mut word_start = 0;
    let mut quote = None;
    let mut letters = text.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            } else if letter == '\\' && end == '"' {
                letters.next();
            }
            continue;
        }
        match letter {
            '"' | '\'' if text[word_start..index].trim().is_empty() => quote = Some(letter),
            '{' if text[index..].starts_with("{{") && text[..index].ends_with('$') => {
                let end = text[index..]
                    .find("}}")
                    .map_or(text.len(), |end| index + end + 2);
                while letters.next_if(|(next, _)| *next < end).is_some() {}
            }
            '{' => {
                open.push(Open::Mapping(Beside::default(), None));
                word_start = index + 1;
            }
            '[' => {
                open.push(Open::List);
                word_start = index + 1;
            }
            '}' | ']' => {
                open.pop();
                word_start = index + 1;
            }
            ',' => {
                close(open.last_mut(), &text[word_start..index]);
                word_start = index + 1;
            }
            ':' if letters.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                if let Some(Open::Mapping(beside, key @ None)) = open.last_mut() {
                    let name = unquoted(text[word_start..index].trim());
                    beside.add(name);
                    *key = Some(name.to_owned());
                    word_start = index + 1;
                }
            }
            _ => {}
        }
    }
    if open.is_empty() {
        context.keys = None;
        context.is_value = false;
        return;
    }
    let mut inner = Vec::new();
    for one in &open {
        match one {
            Open::List => inner.push(Part::Item),
            Open::Mapping(beside, Some(key)) => inner.push(Part::Key(key.clone(), beside.clone())),
            Open::Mapping(..) => {}
        }
    }
    inner.reverse();
    way.splice(0..0, inner);
    context.keys = match open.last() {
        Some(Open::Mapping(beside, None)) => Some(beside.keys.clone()),
        _ => None,
    };
    context.is_value = context.keys.is_none();
    context.is_text = false;
    let rest = &text[word_start..];
    let blank = rest.len() - rest.trim_start().len();
    word(context, &rest[blank..], at + word_start + blank);
}
