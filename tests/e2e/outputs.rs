//! Outputs: parts of a stage, and results of a step beside it.

use stagefile_tests::Project;

#[test]
fn an_output_of_a_step_is_not_part_of_its_stage() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /binary/program; echo documents > /documents/page; touch /rest
        outputs: { binary: /binary, documents: /documents }
  rest:
    from: build
  app:
    steps:
      - copy: program
        from: build.binary
        to: /bin/
      - copy: /
        from: build.documents
        to: /doc/
",
    );
    let files = project.build().files();
    assert_eq!(files.text("bin/program").trim(), project.token());
    assert_eq!(files.text("doc/page"), "documents\n");
    assert!(!files.contains("rest"));

    let rest = project.build().target("rest").files();
    assert!(rest.contains("rest"));
    assert!(!rest.contains("binary/program") && !rest.contains("documents/page"));
}

#[test]
fn an_output_of_a_stage_names_a_path() {
    let files = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: mkdir -p /usr/share/result; echo @TOKEN@ > /usr/share/result/file
    outputs: { result: /usr/share/result }
  app:
    steps:
      - copy: file
        from: build.result
        to: /
",
    )
    .build()
    .files();
    assert!(files.contains("file"));
}

/// What `/` means for the output of a step, it means for the output of a stage: its content.
#[test]
fn the_root_of_a_stages_output_is_its_content() {
    let files = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: mkdir -p dist/deep; echo @TOKEN@ > dist/deep/file; echo program > server
    outputs: { dist: dist, server: server }
  app:
    from: busybox:1.35
    steps:
      - copy: /
        from: build.dist
        to: /into/
      - copy: /
        from: build.server
        to: /bin/
      - run: cat /mounted/deep/file > /seen; cat /server
        mounts:
          - { from: build.dist, to: /mounted }
          - { from: build.server, to: /server }
",
    )
    .build()
    .files();
    assert!(
        files.contains("into/deep/file"),
        "{:?}",
        files.below("into")
    );
    assert!(!files.contains("into/dist"));
    assert_eq!(files.text("bin/server"), "program\n");
    assert_eq!(files.text("seen"), files.text("into/deep/file"));
}
