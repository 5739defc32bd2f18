//! Tests of the long forms of `from`: repositories, downloads, OCI layouts, images.

use std::process::Command;

use stagefile_tests::{Project, WebServer};

#[test]
fn a_repository_is_a_base_and_a_source() {
    let server = WebServer::start();
    let repository = server.repository("library");
    repository.write("src/code", "first");
    let first = repository.commit();
    repository.tag("v1");
    repository.write("src/code", "second");
    repository.commit();
    let url = repository.url();
    let project = Project::new(&format!(
        "
stages:
  tagged:
    from: {{ git: '{url}', ref: v1, subdir: src }}
  app:
    from: busybox:1.35
    steps:
      - copy: code
        from: tagged
        to: /tagged
      - copy: src/code
        from: {{ git: '{url}' }}
        to: /latest
      - copy: src/code
        from: {{ git: '{url}', checksum: {first}, keep-git: true }}
        to: /pinned
      - run: cat bound/src/code mounted/.git/HEAD > /seen; echo @TOKEN@
        workdir: /w
        bind: {{ paths: src, from: {{ git: '{url}#v1' }}, to: bound }}
        mounts: {{ from: {{ git: '{url}', keep-git: true }}, to: mounted }}
"
    ));
    let files = project.build().files();
    assert_eq!(files.text("tagged"), "first");
    assert_eq!(files.text("latest"), "second");
    assert_eq!(files.text("pinned"), "first");
    assert!(files.text("seen").starts_with("first"));
}

#[test]
fn a_repository_without_the_ref_fails_at_its_place() {
    let server = WebServer::start();
    let repository = server.repository("library");
    repository.write("code", "x");
    repository.commit();
    let project = Project::new(&format!(
        "\nstages:\n  app:\n    from: {{ git: '{}', ref: v9 }}\n",
        repository.url()
    ));
    let outcome = project.build().fail();
    outcome.assert_shows("Stagefile:4");
    outcome.assert_shows("v9");
}

#[test]
fn a_download_is_a_file_and_an_archive_its_content() {
    let server = WebServer::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("inside"), "packed").unwrap();
    let archive = folder.path().join("a.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(folder.path());
    assert!(tar.arg("inside").status().unwrap().success());
    let packed = server.write("a.tar.gz", std::fs::read(&archive).unwrap());
    let file = server.write("tool", "a tool");
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let project = Project::new(&format!(
        "
stages:
  content:
    from: {{ http: '{packed}', unpack: true }}
  app:
    from: content
    steps:
      - copy: tool
        from: {{ http: '{file}' }}
        to: /tool
      - copy: other
        from: {{ http: '{file}', filename: other }}
        to: /named
  wrong:
    from: {{ http: '{file}', checksum: '{digest}' }}
"
    ));
    let files = project.build().target("app").files();
    assert_eq!(files.text("inside"), "packed");
    assert_eq!(
        (files.text("tool"), files.text("named")),
        ("a tool", "a tool")
    );
    let outcome = project.build().target("wrong").fail();
    outcome.assert_shows("digest mismatch");
    outcome.assert_shows("Stagefile:15");
}

#[test]
fn an_oci_layout_of_the_client_is_a_base() {
    let base = Project::new(
        "\nstages:\n  base:\n    steps:\n      - { write: /mark, content: '@TOKEN@' }\n    image: { env: { MARK: '@TOKEN@' } }\n",
    );
    let (archive, _) = base.build().archive();
    let layout = tempfile::tempdir().unwrap();
    let file = layout.path().join("layout.tar");
    std::fs::write(&file, archive).unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(&file).arg("-C").arg(layout.path());
    assert!(tar.status().unwrap().success());
    let index = std::fs::read(layout.path().join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap();
    let context = format!(
        "--build-context=base=oci-layout://{}@{digest}",
        layout.path().display()
    );
    for image in ["base".to_owned(), format!("base@{digest}")] {
        let project = Project::new(&format!(
            "\nstages:\n  app:\n    from: {{ oci-layout: '{image}' }}\n"
        ));
        let files = project.build().option(&context).files();
        assert_eq!(files.text("mark"), base.token());
    }
}

#[test]
fn an_image_is_taken_from_where_the_file_says() {
    let project = Project::new(
        "
stages:
  app:
    from: { image: 'busybox:1.35', platform: build, resolve: local }
    steps:
      - run: echo @TOKEN@ > /ran
",
    );
    assert_eq!(project.build().files().text("ran").trim(), project.token());
}
