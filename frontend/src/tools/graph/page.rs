//! Graphs as an HTML page: the graph next to its source text, in a single file without external resources.

use serde_json::{Value, json};
use stagefile_text::visible;

use super::model::Model;

/// The page, without its title and its data.
const PAGE: &str = include_str!("page.html");

/// Creates the page for a graph.
pub fn page(model: &Model, title: &str) -> String {
    let data = visible::json(&data(model).to_string()).into_owned();
    // The data must not be able to end its HTML element.
    let data = data.replace('<', "\\u003c");
    let title = visible::line(title);
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let (head, tail) = PAGE.split_once("@DATA@").unwrap_or((PAGE, ""));
    [&head.replace("@TITLE@", &title), data.as_str(), tail].concat()
}

/// Returns the data of the page: steps with their inputs and locations, and the files.
fn data(model: &Model) -> Value {
    let vertices = model.vertices.iter().map(|vertex| {
        let kinds = ["source", "exec", "file"];
        let kind = kinds.into_iter().find(|kind| vertex.op.contains_key(*kind));
        let inputs = vertex.inputs.iter();
        let inputs = inputs.map(|input| json!([input.vertex, input.role]));
        let places = vertex.places.iter();
        let places = places.map(|place| json!([place.file, place.start, place.end]));
        json!({
            "name": vertex.name,
            "title": vertex.title(),
            "kind": kind.unwrap_or("other"),
            "platform": vertex.platform(),
            "notes": vertex.notes(),
            "in": inputs.collect::<Vec<_>>(),
            "at": places.collect::<Vec<_>>(),
        })
    });
    let files = model.files.iter();
    let files = files.map(|(name, text)| json!({ "name": name, "text": text }));
    json!({
        "vertices": vertices.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "result": model.result.as_ref().map(|result| result.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_page_is_for_a_terminal() {
        let vertex = super::super::Vertex {
            name: "a\u{1b}[2J\n</script>".to_owned(),
            ..Default::default()
        };
        let model = Model {
            vertices: vec![vertex],
            ..Model::default()
        };
        let page = page(&model, "t\u{202e}");
        // So a page that is printed is identical to one that is written to a file.
        assert_eq!(visible::lines(&page), page);
        assert!(page.contains(r"a\u001b[2J\n\u003c/script>"), "{page}");
    }
}
