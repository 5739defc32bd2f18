//! The description of an image as text.

use std::fmt::Write as _;

use serde_json::Value;
use stagefile_text::visible;

use crate::tools::graph::{list, text as string};

/// The maximum length of a history entry.
const MAX_LETTERS: usize = 70;

/// Describes an image as text.
pub fn text(found: &Value) -> String {
    let layers = list(&found["layers"]);
    let mut lines = format!(
        "{}: {} in {} layers, of which {} are there more than once or for nothing\n",
        visible::line(string(&found["platform"])),
        size(&found["bytes"]),
        layers.len(),
        size(&found["wasted"]),
    );
    for (index, layer) in layers.iter().enumerate() {
        let made_by = string(&layer["created-by"]).split_whitespace();
        let made_by = made_by.collect::<Vec<_>>().join(" ");
        let short: String = made_by.chars().take(MAX_LETTERS).collect();
        _ = writeln!(
            lines,
            "\nlayer {}: {} in {} files  {}",
            index + 1,
            size(&layer["bytes"]),
            layer["files"],
            visible::line(&short),
        );
        if let Some(base) = layer["base"].as_array() {
            let count = match base.len() {
                1 => "one layer".to_owned(),
                count => format!("{count} layers"),
            };
            _ = writeln!(lines, "  an image of {count}");
        }
        for (what, key) in [
            ("again though unchanged", "again"),
            ("replaced, and still in a layer below", "replaced"),
            ("removed, and still in a layer below", "removed"),
        ] {
            let files = &layer[key];
            if let Some(path) = list(&files["paths"]).first() {
                _ = writeln!(
                    lines,
                    "  {what}: {} in {} files, such as {}",
                    size(&files["bytes"]),
                    files["files"],
                    visible::line(string(path))
                );
            }
        }
    }
    let (largest, unneeded) = (list(&found["largest"]), list(&found["unneeded"]));
    if !largest.is_empty() {
        lines.push_str("\nlargest files\n");
    }
    for file in largest {
        let (path, size) = (visible::line(string(&file["path"])), size(&file["bytes"]));
        let layer = file["layer"].to_string();
        _ = writeln!(lines, "  {size:>9}  layer {layer:<3} {path}");
    }
    if !unneeded.is_empty() {
        lines.push_str("\nnot needed to run, by their paths\n");
    }
    for files in unneeded {
        _ = writeln!(
            lines,
            "  {:>9}  {}: {} ({} files)",
            size(&files["bytes"]),
            string(&files["what"]),
            string(&files["pattern"]).trim_start_matches('/'),
            files["files"]
        );
    }
    lines
}

/// Formats a size.
fn size(bytes: &Value) -> String {
    let bytes = bytes.as_u64().unwrap_or_default();
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}
