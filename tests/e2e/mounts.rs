//! Tests of `bind` and `mounts`: files that a script sees, but that don't get into a layer.

use stagefile_tests::Project;

#[test]
fn bound_paths_are_where_copy_would_put_them_and_read_only() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: |
          cat go.mod lib/code > /read
          if touch lib/new 2> /dev/null; then echo writable; else echo read-only; fi > /write
          echo @TOKEN@
        bind: [go.mod, lib]
      - run: ls -A /src | sort > /left
",
    )
    .with_file("go.mod", "module ")
    .with_file("lib/code", "code")
    .with_file("lib/deep/more", "more")
    .build()
    .files();
    assert_eq!(files.text("read"), "module code");
    assert_eq!(files.text("write"), "read-only\n");
    assert_eq!(files.text("left"), "");
    assert!(files.below("src").is_empty(), "{:?}", files.below("src"));
}

#[test]
fn a_writable_view_is_thrown_away() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: echo changed > file; touch new; cat file > /seen; echo @TOKEN@
        bind: { paths: ., rw: true }
      - run: cat file > /seen-later; ls > /left
        bind: .
",
    )
    .with_file("file", "original");
    let files = project.build().files();
    assert_eq!(
        (files.text("seen"), files.text("seen-later")),
        ("changed\n", "original")
    );
    assert!(!files.text("left").contains("new"));
    assert!(files.below("src").is_empty());
}

#[test]
fn stages_and_images_are_mounted() {
    let files = Project::new(
        "
stages:
  other:
    from: busybox:1.35
    steps:
      - write: /deep/er/file
        content: '@TOKEN@'
  app:
    from: busybox:1.35
    steps:
      - run: cat /stage/file /image/etc/passwd > /seen
        mounts:
          - { from: other, path: /deep/er, to: /stage }
          - { from: 'alpine:3.20', to: /image }
",
    )
    .build()
    .files();
    assert!(files.text("seen").starts_with('t') && files.text("seen").contains("root:"));
    assert!(files.below("image").is_empty() && files.below("stage").is_empty());
}

#[test]
fn what_a_pattern_matches_is_bound_where_copies_would_be() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: |
          find . -type f | sort > /found
          echo @TOKEN@ > made
        bind:
          - paths: '*.json'
            exclude: c.json
          - paths: packages/*/[ab]
            parents: true
          - paths: 'app/[slug]'
            glob: false
            to: app
          - paths: packages
            to: part
            include: ['**/a']
          - paths: bin/busy*
            from: busybox:1.35
            to: tools
",
    )
    .with_file("a.json", "")
    .with_file("b.json", "")
    .with_file("c.json", "")
    .with_file("packages/x/a", "")
    .with_file("packages/x/c", "")
    .with_file("packages/y/b", "")
    .with_file("app/[slug]/page", "")
    .with_file("app/s/page", "")
    .build()
    .files();
    let found: Vec<&str> = files.text("found").lines().collect();
    assert_eq!(
        found,
        [
            "./a.json",
            "./app/[slug]/page",
            "./b.json",
            "./packages/x/a",
            "./packages/y/b",
            "./part/packages/x/a",
            "./tools/busybox",
        ]
    );
    // The working directory is still the stage's own.
    assert!(files.contains("src/made"));
}

#[test]
fn a_pattern_of_a_bind_that_matches_nothing_is_refused() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls
        bind: { paths: '*.none', from: busybox:1.35 }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("nothing in busybox:1.35 matches `*.none`");
}
