//! Tests of an image's annotations and time.

use serde_json::Value;
use stagefile_tests::Project;
use std::io::Read as _;
use tar::Archive;

/// Returns a blob of an OCI archive by its path.
fn json(archive: &[u8], path: &str) -> Value {
    let mut archive = Archive::new(archive);
    let entries = archive
        .entries()
        .expect("the build wrote an OCI archive")
        .map(|entry| entry.expect("the archive is whole"));
    for mut entry in entries {
        if entry
            .path()
            .expect("the build wrote an OCI archive")
            .to_string_lossy()
            == path
        {
            let mut content = Vec::new();
            entry
                .read_to_end(&mut content)
                .expect("the build wrote an OCI archive");
            return serde_json::from_slice(&content).expect("the build wrote an OCI archive");
        }
    }
    panic!("{path} is not there")
}

fn blob(archive: &[u8], descriptor: &Value) -> Value {
    let digest = descriptor["digest"]
        .as_str()
        .expect("the build wrote an OCI archive");
    json(archive, &format!("blobs/{}", digest.replace(':', "/")))
}

fn project() -> Project {
    Project::new(
        r"
stages:
  base:
    steps:
      - write: /token
        content: '@TOKEN@'
    image:
      annotations: { org.example.title: base, org.example.from: base }
      epoch: 2001-02-03T04:05:06Z
  app:
    from: base
    image:
      annotations:
        org.example.title: app
        org.example.whole: { value: all, at: [index, manifest-descriptor] }
  fresh:
    from: base
    image: { inherit: { annotations: false, epoch: false } }
",
    )
}

#[test]
fn annotations_are_at_the_manifest_and_inherited() {
    let (archive, _) = project()
        .build()
        .target("app")
        .option("--provenance=false")
        .archive();
    let index = json(&archive, "index.json");
    let manifest = blob(&archive, &index["manifests"][0]);
    assert_eq!(manifest["annotations"]["org.example.title"], "app");
    assert_eq!(manifest["annotations"]["org.example.from"], "base");
    assert!(manifest["annotations"]["org.example.whole"].is_null());
}

#[test]
fn the_index_has_its_own_where_there_is_one() {
    let (archive, _) = project()
        .build()
        .target("app")
        .option("--provenance=false")
        .option("--platform=linux/amd64,linux/arm64")
        .archive();
    let top = json(&archive, "index.json");
    let index = blob(&archive, &top["manifests"][0]);
    assert_eq!(index["annotations"]["org.example.whole"], "all");
    for descriptor in index["manifests"].as_array().unwrap() {
        assert_eq!(descriptor["annotations"]["org.example.whole"], "all");
        let manifest = blob(&archive, descriptor);
        assert_eq!(manifest["annotations"]["org.example.title"], "app");
    }
}

#[test]
fn the_epoch_is_the_time_of_the_image_and_its_files() {
    let project = project();
    let created = |target| {
        let image = project.build().target(target).image();
        image.inspect()["Created"].as_str().unwrap().to_owned()
    };
    assert_eq!(created("base"), "2001-02-03T04:05:06Z");
    assert_eq!(created("app"), "2001-02-03T04:05:06Z");
    assert_ne!(created("fresh"), "2001-02-03T04:05:06Z");
    let files = project.build().target("app").files();
    assert_eq!(files.entry("token").modified, 981_173_106);
    let given = project
        .build()
        .target("app")
        .build_arg("SOURCE_DATE_EPOCH", "1000000000")
        .image();
    assert_eq!(given.inspect()["Created"], "2001-09-09T01:46:40Z");
}
