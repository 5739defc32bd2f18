//! Tests of SBOMs and provenance, which the daemon attaches to the image.

use stagefile_tests::{Image, Project};

/// Builds a scanner that follows BuildKit's protocol, and lists the names of what it is given.
fn scanner() -> Image {
    let scanner = Project::new(
        r#"
stages:
  scanner:
    from: busybox:1.35
    steps:
      - write: /scan
        mode: 0755
        content: |
          #!/bin/sh
          # @TOKEN@
          extras=
          if [ -n "${BUILDKIT_SCAN_SOURCE_EXTRAS-}" ]; then extras=$(ls "$BUILDKIT_SCAN_SOURCE_EXTRAS"); fi
          for source in "$BUILDKIT_SCAN_SOURCE" ${extras:+"$BUILDKIT_SCAN_SOURCE_EXTRAS"/*}; do
            name=$(basename "$source")
            cat > "$BUILDKIT_SCAN_DESTINATION/$name.spdx.json" <<END
          {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document",
           "predicate": {"name": "$name", "files": "$(ls "$source" | tr '\n' ' ')"}}
          END
          done
    image:
      entrypoint: [/scan]
"#,
    );
    scanner.build().image()
}

const STAGEFILE: &str = "
stages:
  tools:
    steps:
      - write: /of-the-tools
        content: \"@TOKEN@\"
  app:
    steps:
      - copy: of-the-tools
        from: tools
        to: /of-the-app
";

/// If only the image is scanned, the daemon does that itself, with the default network of containers, which the daemon
/// of `scripts/daemon` doesn't have. Naming a stage makes the frontend scan, with the client's network.
#[test]
fn a_list_of_software_covers_the_image_and_the_stages_that_the_client_names() {
    let scanner = scanner();
    let (archive, _) = Project::new(STAGEFILE)
        .build()
        .option(format!("--attest=type=sbom,generator={}", scanner.name()))
        .build_arg("BUILDKIT_SBOM_SCAN_STAGE", "tools")
        .archive();
    let archive = String::from_utf8_lossy(&archive);
    assert!(archive.contains("https://spdx.dev/Document"));
    for part in ["sbom-tools", "of-the-tools", "of-the-app"] {
        assert!(archive.contains(part), "the list has no {part}");
    }
}

#[test]
fn provenance_has_the_steps_with_their_places() {
    let project = Project::new(STAGEFILE);
    let (archive, _) = project
        .build()
        .option("--attest=type=provenance,mode=max")
        .archive();
    let archive = String::from_utf8_lossy(&archive);
    for part in [
        "slsa.dev/provenance",
        "\"Stagefile\"",
        "copy of-the-tools",
        "\"YAML\"",
    ] {
        assert!(archive.contains(part), "provenance has no {part}");
    }
}
