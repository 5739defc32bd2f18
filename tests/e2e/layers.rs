//! Tests that a stage's changes are split into the layers that it asks for.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;
use stagefile_tests::Project;
use tar::Archive;

/// Builds an OCI archive and lists the paths in each of its layers, and the history.
fn layers(project: &Project, target: &str) -> (Vec<Vec<String>>, Vec<(String, bool)>) {
    let build = project.build().target(target).option("--provenance=false");
    let (archive, _) = build.archive();
    let mut blobs = BTreeMap::new();
    for entry in Archive::new(archive.as_slice())
        .entries()
        .expect("the build wrote an OCI archive")
    {
        let mut entry = entry.expect("the build wrote an OCI archive");
        let path = entry
            .path()
            .expect("the build wrote an OCI archive")
            .to_string_lossy()
            .into_owned();
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .expect("the build wrote an OCI archive");
        blobs.insert(path, content);
    }
    let json = |path: &str| -> Value {
        serde_json::from_slice(&blobs[path]).expect("the build wrote an OCI archive")
    };
    let blob = |digest: &Value| {
        format!(
            "blobs/{}",
            digest
                .as_str()
                .expect("the build wrote an OCI archive")
                .replace(':', "/")
        )
    };
    let manifest = json(&blob(&json("index.json")["manifests"][0]["digest"]));
    let config = json(&blob(&manifest["config"]["digest"]));
    let layers = manifest["layers"]
        .as_array()
        .expect("the build wrote an OCI archive")
        .iter();
    let layers = layers.map(|layer| {
        let bytes = &blobs[&blob(&layer["digest"])];
        let mut archive = Archive::new(bytes.as_slice());
        let entries = archive
            .entries()
            .expect("the build wrote an OCI archive")
            .map(|entry| entry.expect("the archive is whole"));
        let files = entries.filter(|entry| !entry.header().entry_type().is_dir());
        let mut paths: Vec<String> = files
            .map(|entry| {
                entry
                    .path()
                    .expect("the build wrote an OCI archive")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        paths.sort();
        paths
    });
    let history = config["history"]
        .as_array()
        .expect("the build wrote an OCI archive")
        .iter()
        .map(|entry| {
            let text = entry["created_by"].as_str().unwrap_or_default();
            (text.to_owned(), entry["empty_layer"] == true)
        });
    (layers.collect(), history.collect())
}

fn layers_with(history: &[(String, bool)]) -> usize {
    history.iter().filter(|(_, empty)| !empty).count()
}

fn project() -> Project {
    Project::new(
        r#"
stages:
  base:
    from: busybox:1.35
    steps:
      - write: /data/old.txt
        content: '@TOKEN@'
      - write: /data/kept.txt
        content: kept
  plain:
    from: base
    steps: &steps
      - run: mkdir -p /lib/a /lib/b && echo 1 > /lib/a/one && echo 2 > /lib/b/two
      - write: /tmp/secret
        content: hidden
      - run: rm /tmp/secret /data/old.txt && echo changed > /lib/a/one
      - write: /etc/app.conf
        content: app
  one: { from: base, layers: one, steps: *steps }
  groups:
    from: base
    layers:
      - { name: first, paths: /lib/a }
      - { name: libraries, paths: ["/lib/*"] }
      - { name: settings, paths: ["**/*.conf"] }
    steps: *steps
  next:
    from: one
    layers: one
    steps:
      - write: /more
        content: more
      - write: /most
        content: most
  alone:
    layers: one
    steps: &alone
      - write: /a
        content: a
      - write: /b.txt
        content: b
      - remove: /a
  parts:
    layers: [{ name: texts, paths: "*.txt" }]
    steps: *alone
"#,
    )
}

#[test]
fn one_layer_holds_all_that_a_stage_adds_and_removes() {
    let project = project();
    let (plain, _) = layers(&project, "plain");
    let (one, history) = layers(&project, "one");
    assert_eq!(plain.len(), 3 + 4);
    assert_eq!(one.len(), 3 + 1, "{one:?}");
    assert_eq!(one[..3], plain[..3]);
    assert_eq!(
        one[3],
        ["data/.wh.old.txt", "etc/app.conf", "lib/a/one", "lib/b/two"]
    );
    assert_eq!(layers_with(&history), one.len(), "{history:?}");
    assert_eq!(history.last().unwrap().0, "layer: all of it");
    let files = |target| project.build().target(target).files();
    assert_eq!(
        files("one").paths().collect::<Vec<_>>(),
        files("plain").paths().collect::<Vec<_>>()
    );
}

#[test]
fn groups_have_layers_of_their_own() {
    let (groups, history) = layers(&project(), "groups");
    assert_eq!(groups.len(), 3 + 4, "{groups:?}");
    assert_eq!(groups[3], ["lib/a/one"]);
    assert_eq!(groups[4], ["lib/b/two"]);
    assert_eq!(groups[5], ["etc/app.conf"]);
    assert_eq!(groups[6], ["data/.wh.old.txt"]);
    assert_eq!(layers_with(&history), groups.len(), "{history:?}");
    let named: Vec<&str> = history[history.len() - 4..]
        .iter()
        .map(|(text, _)| text.as_str())
        .collect();
    assert_eq!(
        named,
        [
            "layer first: /lib/a",
            "layer libraries: /lib/*",
            "layer settings: **/*.conf",
            "layer: the rest"
        ]
    );
}

#[test]
fn a_stage_from_a_cut_one_starts_from_its_layers() {
    let project = project();
    let (one, _) = layers(&project, "one");
    let (next, history) = layers(&project, "next");
    assert_eq!(next[..one.len()], one);
    assert_eq!(next[one.len()..], [["more", "most"]]);
    assert_eq!(layers_with(&history), next.len(), "{history:?}");
}

#[test]
fn stages_from_scratch_are_cut_too() {
    let project = project();
    let (alone, history) = layers(&project, "alone");
    assert_eq!(alone, [["b.txt"]]);
    assert_eq!(layers_with(&history), 1, "{history:?}");
    let (parts, _) = layers(&project, "parts");
    assert_eq!(parts[0], ["b.txt"]);
    assert!(parts[1..].iter().all(Vec::is_empty), "{parts:?}");
}
