//! What is known of an image, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use stagefile_text::visible;

use super::{Files, Found, Layer};

/// How long what the history says may be for people.
const MOST_LETTERS: usize = 70;

fn files(files: &Files) -> Value {
    json!({ "files": files.count, "bytes": files.bytes, "paths": files.paths })
}

/// Returns the bytes that are in layers and not in the image.
fn wasted(found: &Found) -> u64 {
    let wasted = |layer: &Layer| layer.again.bytes + layer.replaced.bytes + layer.removed.bytes;
    found.layers.iter().map(wasted).sum()
}

fn total(found: &Found) -> u64 {
    found.layers.iter().map(|layer| layer.added.bytes).sum()
}

/// Describes an image for programs.
pub(super) fn json(found: &Found) -> Value {
    let layers = found.layers.iter().map(|layer| {
        json!({
            "created-by": layer.made_by,
            "stored": layer.stored,
            "bytes": layer.added.bytes,
            "files": layer.added.count,
            "again": files(&layer.again),
            "replaced": files(&layer.replaced),
            "removed": files(&layer.removed),
        })
    });
    let largest = found
        .largest
        .iter()
        .map(|(path, layer, bytes)| json!({ "path": path, "layer": layer + 1, "bytes": bytes }));
    let unneeded = found.unneeded.iter().map(|((pattern, what), found)| {
        json!({ "pattern": pattern, "what": what, "files": found.count, "bytes": found.bytes })
    });
    json!({
        "platform": found.platform,
        "bytes": total(found),
        "wasted": wasted(found),
        "layers": layers.collect::<Vec<_>>(),
        "largest": largest.collect::<Vec<_>>(),
        "unneeded": unneeded.collect::<Vec<_>>(),
    })
}

/// Describes an image for people.
pub(super) fn text(found: &Found) -> String {
    let mut text = format!(
        "{}: {} in {} layers, of which {} are there more than once or for nothing\n",
        visible::line(&found.platform),
        size(total(found)),
        found.layers.len(),
        size(wasted(found)),
    );
    for (index, layer) in found.layers.iter().enumerate() {
        let made_by: String = layer
            .made_by
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let short: String = made_by.chars().take(MOST_LETTERS).collect();
        _ = writeln!(
            text,
            "\nlayer {}: {} in {} files  {}",
            index + 1,
            size(layer.added.bytes),
            layer.added.count,
            visible::line(&short),
        );
        for (what, files) in [
            ("again though unchanged", &layer.again),
            ("replaced, and still in a layer below", &layer.replaced),
            ("removed, and still in a layer below", &layer.removed),
        ] {
            if files.count > 0 {
                _ = writeln!(
                    text,
                    "  {what}: {} in {} files, such as {}",
                    size(files.bytes),
                    files.count,
                    visible::line(&files.paths[0])
                );
            }
        }
    }
    if !found.largest.is_empty() {
        text.push_str("\nlargest files\n");
    }
    for (path, layer, bytes) in &found.largest {
        let (path, size) = (visible::line(path), size(*bytes));
        _ = writeln!(text, "  {size:>9}  layer {:<3} {path}", layer + 1);
    }
    if !found.unneeded.is_empty() {
        text.push_str("\nnot needed to run, by their paths\n");
    }
    for ((pattern, what), files) in &found.unneeded {
        let pattern = pattern.trim_start_matches('/');
        _ = writeln!(
            text,
            "  {:>9}  {what}: {pattern} ({} files)",
            size(files.bytes),
            files.count
        );
    }
    text
}

/// Writes a size for people.
fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}
