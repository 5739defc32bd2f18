//! XML with source positions. Document type declarations, and so entities, are refused, and so are many namespaces, or many
//! attributes of an element, which the parser compares with one another; everything else takes time and memory in proportion to
//! its length.

use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use crate::Project;
use crate::mistake::{Kind, Mistake};

/// The maximum number of elements and pieces of text in a manifest.
const MAX_NODES: u32 = 100_000;

/// The maximum number of namespace declarations: each element inherits those around it.
const MAX_NAMESPACES: usize = 64;

/// The maximum number of attributes of an element.
const MAX_ATTRIBUTES: usize = 256;

/// The reason why a document isn't read, with the position.
#[derive(Debug)]
pub(super) struct Unreadable {
    words: String,
    place: Option<Range<usize>>,
}

/// Parses a document.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    check(text)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| {
        let (words, position) = (error.to_string(), error.pos());
        let words = words.split(" at ").next().unwrap_or_default();
        Unreadable {
            words: format!("is not XML: {words}"),
            place: place(text, position.row, position.col),
        }
    })
}

/// Refuses documents that would take the parser long.
fn check(text: &str) -> Result<(), Unreadable> {
    let too_many = |most: usize, what: &str, at: usize, length: usize| {
        Err(Unreadable {
            words: format!("has more than {most} {what}"),
            place: Some(at..at + length),
        })
    };
    let mut declarations = text.match_indices("xmlns");
    if let Some((at, word)) = declarations.nth(MAX_NAMESPACES) {
        return too_many(MAX_NAMESPACES, "namespaces", at, word.len());
    }
    // Attributes and quotes only occur in tags.
    let mut attributes = None;
    let mut quote = None;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        // Other constructs end with their own delimiter. If it is missing, so is the end of the document.
        let plain = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let plain = plain
            .iter()
            .find(|(start, _)| quote.is_none() && rest.starts_with(start.as_bytes()));
        if let Some((start, end)) = plain {
            let from = at + start.len();
            at = text[from..]
                .find(end)
                .map_or(bytes.len(), |length| from + length + end.len());
            continue;
        }
        match (quote, byte) {
            (Some(mark), byte) if mark == *byte => quote = None,
            (None, b'<') => attributes = Some(0),
            (None, b'>') => attributes = None,
            (None, b'"' | b'\'') if attributes.is_some() => quote = Some(*byte),
            (None, b'=') => attributes = attributes.map(|count| count + 1),
            _ => {}
        }
        if attributes > Some(MAX_ATTRIBUTES) {
            return too_many(MAX_ATTRIBUTES, "attributes in an element", at, 1);
        }
        at += 1;
    }
    Ok(())
}

/// Parses the manifest as XML.
pub(super) fn manifest<'t>(project: &Project<'t>) -> Result<Document<'t>, Mistake> {
    parse(project.text).map_err(|Unreadable { words, place }| {
        Mistake::new(project, Kind::Invalid, format!("the manifest {words}")).at(place)
    })
}

/// Returns the position of a character, given by line and column.
fn place(text: &str, row: u32, column: u32) -> Option<Range<usize>> {
    let row = usize::try_from(row.checked_sub(1)?).ok()?;
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    let start: usize = text.split_inclusive('\n').take(row).map(str::len).sum();
    let line = text.get(start..)?.lines().next()?;
    let (at, letter) = line.char_indices().nth(column)?;
    Some(start + at..start + at + letter.len_utf8())
}

/// Returns the element at a path of names.
pub(super) fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter()
        .try_fold(node, |node, name| children(node, name).next())
}

/// Iterates over the child elements with a name.
pub(super) fn children<'a, 'i>(
    node: Node<'a, 'i>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.tag_name().name() == name)
}

/// Returns the text of an element, if it has any.
pub(super) fn text<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.text().map(str::trim).filter(|text| !text.is_empty())
}

/// Returns the text of the element at a path of names.
pub(super) fn text_at<'a>(node: Node<'a, '_>, path: &[&str]) -> Option<&'a str> {
    text(at(node, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_entities_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\">]><a>&b;</a>";
        assert!(parse(bomb).is_err());
        assert!(parse(&format!("<a>{}</a>", "<b/>".repeat(200_000))).is_err());
        let deep = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
        _ = parse(&deep);
        for odd in ["", "<", "<a", "<a>&x;</a>", "<a></b>", "\u{feff}<a/>"] {
            _ = parse(odd);
        }
    }

    fn numbered(numbers: std::ops::Range<u32>, text: fn(u32) -> String) -> String {
        numbers.map(text).collect::<Vec<_>>().concat()
    }

    #[test]
    fn what_elements_are_compared_by_is_bounded() {
        let begun = std::time::Instant::now();
        let nested = numbered(0..30_000, |at| format!("<a xmlns:b{at}=\"\">"));
        let Err(error) = parse(&nested) else {
            panic!("many namespaces")
        };
        assert_eq!(error.words, "has more than 64 namespaces");
        assert_eq!(error.place.map(|place| &nested[place]), Some("xmlns"));
        let many = numbered(0..100_000, |at| format!("b{at}='>' "));
        let Err(error) = parse(&format!("<a {many}/>")) else {
            panic!("many attributes")
        };
        assert_eq!(error.words, "has more than 256 attributes in an element");
        // Each element has its own attributes, and text has none.
        let few = format!("<a b='='>{}</a>", "<b c='1' d=\"2\"/>".repeat(1000));
        assert!(parse(&few).is_ok());
        for text in [
            "= '".repeat(1000),
            format!("<!--{0}--><![CDATA[<a {0}]]><?a {0}?>", "a=' ".repeat(1000)),
        ] {
            assert!(parse(&format!("<a>{text}</a>")).is_ok());
        }
        // The maximum number.
        let nested = format!("{}{}", "<a>".repeat(30_000), "</a>".repeat(30_000));
        let most = numbered(0..60, |at| format!(" xmlns:b{at}='x'"));
        assert!(parse(&format!("<a{most}>{nested}</a>")).is_ok());
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    #[test]
    fn names_lead_to_texts() {
        let document = parse("<a xmlns='x'><b><c> d </c></b><b/></a>").unwrap();
        let root = document.root_element();
        assert_eq!(text_at(root, &["b", "c"]), Some("d"));
        assert_eq!(text_at(root, &["b"]), None);
        assert_eq!(children(root, "b").count(), 2);
        assert_eq!(place("a\nbéd", 2, 3), Some(5..6));
        assert_eq!(place("a", 3, 1), None);
    }
}
