//! Tests of the layers of copies: no larger than those of Docker's own builds, and the same in every build.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;
use stagefile_tests::Project;

use crate::times::builds;

/// What is copied over what, as stages in both languages.
const STAGES: [(&str, &str, &str); 5] = [
    (
        "over-the-same-image",
        "from: busybox:1.35
    steps: [{ copy: /bin/, from: 'busybox:1.35', to: /bin/ }]",
        "FROM busybox:1.35 AS over-the-same-image
COPY --from=busybox:1.35 /bin/ /bin/",
    ),
    (
        "of-a-stage-that-ran",
        "from: busybox:1.35
    steps: [{ copy: [/bin/, /etc/new], from: ran, to: /bin/ }]",
        "FROM busybox:1.35 AS of-a-stage-that-ran
COPY --from=ran /bin/ /etc/new /bin/",
    ),
    (
        "with-parents",
        "from: busybox:1.35
    steps: [{ copy: '/etc/*', from: ran, parents: true, to: / }]",
        "FROM busybox:1.35 AS with-parents
COPY --from=ran /etc/ /etc/",
    ),
    (
        "over-another-image",
        "from: gcr.io/distroless/static-debian12:nonroot
    steps: [{ copy: /usr/share/zoneinfo, from: debian, to: /usr/share/ }]",
        "FROM gcr.io/distroless/static-debian12:nonroot AS over-another-image
COPY --from=debian /usr/share/zoneinfo /usr/share/zoneinfo",
    ),
    (
        "of-a-stage-of-copies",
        "from: busybox:1.35
    steps: [{ copy: /bin/, from: copied, to: /bin/ }]",
        "FROM busybox:1.35 AS of-a-stage-of-copies
COPY --from=copied /bin/ /bin/",
    ),
];

/// The maximum difference in bytes that the times of a few files make, compressed.
const TIMES: u64 = 16;

/// What a script made before, in both stages: its own layer differs in each build.
const MADE_BEFORE: (&str, &str, &str) = (
    "made-before",
    "from: made
    steps: [{ copy: /data/, from: made-and-ran, to: /data/ }]",
    "FROM made AS made-before
COPY --from=made-and-ran /data/ /data/",
);

fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    STAGES.into_iter().chain([MADE_BEFORE])
}

fn project() -> Project {
    let stages = all().map(|(name, stage, _)| format!("  {name}:\n    {stage}\n"));
    Project::new(&format!(
        "
stages:
  ran:
    from: busybox:1.35
    steps: [{{ run: 'echo @TOKEN@ > /etc/new' }}]
  copied:
    from: busybox:1.35
    steps: [{{ copy: file, to: /bin/ }}]
  made:
    from: busybox:1.35
    steps: [{{ run: 'mkdir /data; cp /bin/busybox /data/; echo @TOKEN@ > /data/old' }}]
  made-and-ran:
    from: made
    steps: [{{ run: 'echo @TOKEN@ > /data/new' }}]
  debian:
    from: debian:bookworm-slim
    steps: [{{ run: 'echo @TOKEN@ > /etc/new' }}]
{}",
        stages.collect::<String>()
    ))
    .with_file("file", "@TOKEN@")
}

/// The same stages in Docker's language, in a file of the same name.
fn dockerfile(project: &Project) {
    let stages: Vec<&str> = all().map(|(_, _, stage)| stage).collect();
    let text = format!(
        "FROM busybox:1.35 AS ran
RUN echo {token} > /etc/new
FROM busybox:1.35 AS copied
COPY file /bin/
FROM busybox:1.35 AS made
RUN mkdir /data; cp /bin/busybox /data/; echo {token} > /data/old
FROM made AS made-and-ran
RUN echo {token} > /data/new
FROM debian:bookworm-slim AS debian
RUN echo {token} > /etc/new
{}
",
        stages.join("\n"),
        token = project.token(),
    );
    project.write("Stagefile", &text);
}

/// Returns the sizes of the layers of the one image of an OCI archive, uncompressed.
fn layers(archive: &[u8]) -> Vec<u64> {
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries().expect("the archive can be read") {
        let mut entry = entry.expect("the archive can be read");
        let path = entry.path().expect("a path has a meaning");
        let path = path.to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .expect("the archive can be read");
        files.insert(path, content);
    }
    let json =
        |path: &str| -> Value { serde_json::from_slice(&files[path]).expect("an index is JSON") };
    let digest = json("index.json")["manifests"][0]["digest"].clone();
    let digest = digest.as_str().expect("a manifest has a digest");
    let manifest = json(&format!("blobs/{}", digest.replace(':', "/")));
    let layers = manifest["layers"].as_array().expect("an image has layers");
    let size = |layer: &Value| layer["size"].as_u64().expect("a layer has a size");
    layers.iter().map(size).collect()
}

#[test]
fn no_copy_makes_a_larger_layer_than_docker_does() {
    let project = project();
    let build = |stage: &str| {
        let build = project.build().target(stage).option("--provenance=false");
        layers(&build.archive().0)
    };
    let ours: Vec<Vec<u64>> = all().map(|(name, ..)| build(name)).collect();
    dockerfile(&project);
    let last = |layers: &[u64]| layers.last().copied().unwrap_or_default();
    for ((name, ..), ours) in all().zip(ours) {
        let theirs = build(name);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        assert!(
            last(&ours) <= last(&theirs) + TIMES,
            "{name}: {ours:?}, not {theirs:?}"
        );
    }
}

#[test]
fn copies_of_images_and_of_scripts_make_the_same_image_twice() {
    let project = project();
    for (name, ..) in STAGES {
        let [first, second] = builds(&project, |build| build.target(name));
        assert_eq!(first, second, "{name}");
    }
}
