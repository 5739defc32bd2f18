//! Graphs as a page: the graph beside the text that it is made of, in one file that needs nothing from elsewhere.

use serde_json::{Value, json};
use stagefile_text::visible;

use super::model::Model;

/// The page, without its title and its data.
const PAGE: &str = include_str!("page.html");

/// Draws a graph.
pub fn page(model: &Model, title: &str) -> String {
    let data = visible::json(&data(model).to_string()).into_owned();
    // Nothing in it may end the element that it is in.
    let data = data.replace('<', "\\u003c");
    let title = visible::line(title);
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let (head, tail) = PAGE.split_once("@DATA@").unwrap_or((PAGE, ""));
    [&head.replace("@TITLE@", &title), data.as_str(), tail].concat()
}

/// Lists what the page shows: steps with what they use and where they are written, and the files.
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
        "result": model.result,
    })
}
