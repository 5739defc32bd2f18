//! XML with places. Declarations of types, and so entities, are refused; what is left takes time and memory by its length.

use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use crate::Project;
use crate::mistake::{Kind, Mistake};

/// How many elements and texts a manifest may have.
const MOST_NODES: u32 = 100_000;

/// Reads a text as XML.
pub(super) fn parse(text: &str) -> Result<Document<'_>, roxmltree::Error> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
}

/// Reads the manifest as XML.
pub(super) fn manifest<'t>(project: &Project<'t>) -> Result<Document<'t>, Mistake> {
    parse(project.text).map_err(|error| {
        let words = error.to_string();
        let words = words.split(" at ").next().unwrap_or_default();
        let position = error.pos();
        Mistake::new(
            project,
            Kind::Invalid,
            format!("the manifest is not XML: {words}"),
        )
        .at(place(project.text, position.row, position.col))
    })
}

/// Returns the place of a letter, by its line and column.
fn place(text: &str, row: u32, column: u32) -> Option<Range<usize>> {
    let row = usize::try_from(row.checked_sub(1)?).ok()?;
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    let start: usize = text.split_inclusive('\n').take(row).map(str::len).sum();
    let line = text.get(start..)?.lines().next()?;
    let (at, letter) = line.char_indices().nth(column)?;
    Some(start + at..start + at + letter.len_utf8())
}

/// Returns an element by the names on the way to it.
pub(super) fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter()
        .try_fold(node, |node, name| children(node, name).next())
}

/// Lists the elements of a name in an element.
pub(super) fn children<'a, 'i>(
    node: Node<'a, 'i>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.tag_name().name() == name)
}

/// Returns the text of an element, if it has some.
pub(super) fn text<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.text().map(str::trim).filter(|text| !text.is_empty())
}

/// Returns the text of the element that names lead to.
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
