//! Tests of outputs: parts of a stage, and results of a step that aren't part of it.

use stagefile_tests::Project;

#[test]
fn an_output_of_a_step_is_what_the_step_leaves() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /binary/program; echo documents > /documents/page; touch /rest
        outputs: { binary: /binary, documents: /documents }
      - run: cat /binary/program > /seen; echo later > /binary/program
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

    // It is a path in the stage, which later steps see.
    let rest = project.build().target("rest").files();
    assert_eq!(rest.text("seen").trim(), project.token());
    assert_eq!(rest.text("binary/program"), "later\n");
    assert!(rest.contains("documents/page"));
}

/// Some tools empty a directory by removing it, and some replace it by another one.
#[test]
fn a_script_may_remove_and_replace_its_output() {
    let files = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: |
          rm -r dist /prod /file
          mkdir /made dist; echo @TOKEN@ > /made/app; cp /made/app dist; mv /made /prod
          echo file > /file
        outputs: { dist: dist, prod: /prod, file: /file }
  app:
    steps:
      - copy: app
        from: build.prod
        to: /one/
      - copy: /
        from: build.dist
        to: /two/
      - copy: .
        from: build.file
        to: /three/
",
    )
    .build()
    .files();
    assert_eq!(files.text("one/app"), files.text("two/app"));
    assert_eq!(files.text("three/file"), "file\n");
}

/// An output below a bind or a cache, whose content isn't kept, is a mount.
#[test]
fn an_output_inside_of_a_mount_is_kept_too() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: cp input dist/; cp input /cache/out/
        bind: .
        caches: [{ target: /cache }]
        outputs: { dist: dist, out: /cache/out }
      - run: '[ ! -e dist/input ]; [ \"$(id -u)\" = 7 ]; cp input dist/; cp input /cache/out/'
        user: \"7\"
        bind: .
        caches: [{ target: /cache, uid: 7 }]
        outputs: { dist7: dist, out7: /cache/out }
      - run: cp input dist/
        user: nobody
        bind: .
        outputs: { named: dist }
  app:
    steps:
      - { copy: /, from: build.dist, to: /dist/ }
      - { copy: /, from: build.out, to: /out/ }
      - { copy: /, from: build.dist7, to: /dist7/ }
      - { copy: /, from: build.out7, to: /out7/ }
      - { copy: /, from: build.named, to: /named/ }
",
    )
    .with_file("input", "@TOKEN@");
    let files = project.build().files();
    for directory in ["dist", "out", "dist7", "out7", "named"] {
        let path = format!("{directory}/input");
        assert_eq!(files.text(&path), project.token(), "{path}");
    }
}

/// As with caches: for a numeric user, and for a name in the image.
#[test]
fn the_user_of_a_step_can_write_to_its_outputs() {
    let files = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: echo app:x:4321:4321::/:/bin/sh >> /etc/passwd
      - run: echo @TOKEN@ > /out/number; mkdir /deep/er/directory; stat -c %u:%g /out > /deep/er/owner
        user: \"1234:5\"
        outputs: { out: /out, deep: /deep/er }
      - run: echo @TOKEN@ > /named/file; stat -c %u:%g /named > /named/owner
        user: app
        outputs: { named: /named }
  app:
    steps:
      - { copy: /, from: build.out, to: /out/ }
      - { copy: owner, from: build.deep, to: /out/ }
      - { copy: /, from: build.named, to: /named/ }
",
    )
    .build()
    .files();
    assert!(files.contains("out/number"));
    assert_eq!(files.text("out/owner"), "1234:5\n");
    assert_eq!(files.text("named/owner"), "4321:4321\n");
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

/// `/` means the same for an output of a stage as for one of a step: its content.
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
