//! Tests of the frontend's own image.

use std::fs;

use serde_json::Value;
use stagefile_tests::{Docker, Project, frontend, repository};

#[test]
fn the_image_is_small_and_declares_what_it_can_do() {
    let output = Docker::connect().output(&["image", "inspect", &frontend()]);
    let images: Vec<Value> = serde_json::from_str(&output).unwrap();
    let labels = &images[0]["Config"]["Labels"];
    assert_eq!(labels["moby.buildkit.frontend.network.none"], "true");
    let capabilities = labels["moby.buildkit.frontend.caps"].as_str().unwrap();
    for capability in ["inputs", "subrequests", "contexts", "gitquerystring"] {
        assert!(
            capabilities.contains(&format!("moby.buildkit.frontend.{capability}")),
            "{capabilities}"
        );
    }
    let files = Project::new(&format!("stages: {{ app: {{ from: '{}' }} }}", frontend()))
        .build()
        .files();
    let programs = ["stagefile", "stagefile-run"];
    assert_eq!(files.paths().collect::<Vec<_>>(), programs);
    let [frontend, runner] = programs.map(|program| files.entry(program).content.len());
    assert!(
        frontend + runner < 6_000_000,
        "the image has {frontend} + {runner} bytes"
    );
    assert!(
        runner < 1_400_000,
        "the program for steps has {runner} bytes"
    );
}

/// Without an image store: the layout is passed to the build as a context, and named as its frontend.
#[test]
fn the_oci_layout_is_a_frontend_without_a_registry() {
    let layout = repository()
        .canonicalize()
        .unwrap()
        .join("target/image/oci");
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap();
    let project = Project::new(
        "\nstages:\n  app:\n    steps:\n      - write: /token\n        content: '@TOKEN@'\n",
    );
    let files = project
        .build()
        .build_arg("BUILDKIT_SYNTAX", "frontend")
        .option(format!(
            "--build-context=frontend=oci-layout://{}@{digest}",
            layout.display()
        ))
        .files();
    assert_eq!(files.text("token"), project.token());
}
