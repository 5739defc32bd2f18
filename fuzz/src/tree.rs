//! YAML, as a tree with locations.

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::{Source, Sources};
use stagefile_language::syntax::Scalar;
use stagefile_language::syntax::tree::{self, Node, Value};

use crate::places;

/// The maximum number of scalars that are checked character by character, and of characters in each: finding one takes
/// time in proportion to the scalar's length.
const SCALARS: usize = 200;
const LETTERS: usize = 300;

/// Reads YAML: all findings can be shown, and each character of a scalar is found in the file.
pub fn tree(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let sources = Sources::new(Source::new("Stagefile", text));
    let mut found = Diagnostics::default();
    let root = tree::read(sources.main(), &mut found);
    places::check(&sources, &found);
    assert!(
        root.is_some() || found.has_errors(),
        "nothing was read, and nothing said"
    );
    let mut open: Vec<Node> = root.into_iter().collect();
    let mut scalars = 0;
    while let Some(node) = open.pop() {
        assert!(places::inside(&sources, node.span), "{node:?}");
        // Aliases share their nodes; a file with millions of them is only checked in part.
        if scalars > SCALARS {
            break;
        }
        match &node.value {
            Value::Scalar(scalar) => {
                scalars += 1;
                check_scalar(&sources, scalar);
            }
            Value::Sequence(items) => open.extend(items.iter().cloned()),
            Value::Mapping(entries) => {
                for entry in entries.iter() {
                    scalars += 1;
                    check_scalar(&sources, &entry.key);
                    open.push(entry.value.clone());
                }
            }
        }
    }
}

/// Checks that every character of a scalar is found where it was written, or where its escape sequence is.
fn check_scalar(sources: &Sources, scalar: &Scalar) {
    let mut last = scalar.span.start;
    for (at, letter) in scalar.text.char_indices().take(LETTERS) {
        let span = scalar.locate(sources.main(), at, at + letter.len_utf8());
        assert!(places::inside(sources, span), "{letter:?} of {scalar:?}");
        assert!(
            scalar.span.start <= span.start && span.end <= scalar.span.end,
            "{letter:?} at {span:?}, outside of {scalar:?}"
        );
        assert!(
            last <= span.start,
            "{letter:?} at {span:?} before the letter before it, of {scalar:?}"
        );
        last = span.end;
        let written = sources.slice(span);
        let expected = letter.is_whitespace()
            || written.starts_with(letter)
            || (written.starts_with('\\') && sources.slice(scalar.span).starts_with('"'));
        assert!(expected, "{written:?} stands for {letter:?} of {scalar:?}");
    }
}
