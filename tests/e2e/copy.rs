//! Tests of `copy` steps.

use stagefile_tests::{Entry, Project};

fn project(steps: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
      - write: /token
        content: '@TOKEN@'
{steps}"
    ))
    .with_file("one.txt", "one")
    .with_file("two.txt", "two")
    .with_file("source/main.c", "main")
    .with_file("source/deep/part.c", "part")
    .with_file("source/deep/part.h", "header")
    .with_file("source/notes.md", "notes")
}

#[test]
fn files_and_directories_go_where_they_should() {
    let files = project(
        "
      - copy: one.txt
      - copy: one.txt
        to: renamed.txt
      - copy: one.txt
        to: folder/
      - copy: [one.txt, two.txt]
        to: /several
      - copy: source
      - copy: source/
        to: content
      - copy: source
        to: /absolute/renamed
",
    )
    .build()
    .files();
    for path in [
        "app/one.txt",
        "app/renamed.txt",
        "app/folder/one.txt",
        "several/one.txt",
        "several/two.txt",
        "app/source/main.c",
        "app/source/deep/part.c",
        "app/content/main.c",
        "absolute/renamed/deep/part.h",
    ] {
        assert!(
            files.contains(path),
            "there is no `{path}`: {:?}",
            files.below("app")
        );
    }
    assert_eq!(files.text("app/renamed.txt"), "one");
}

#[test]
fn owner_and_mode_are_as_written() {
    let files = project(
        "
      - copy: one.txt
        owner: 1000:2000
        mode: 0640
      - copy: two.txt
        owner: nobody
      - copy: source
        owner: 7:8
        mode: u=rwX,go=rX
",
    )
    .build()
    .files();
    let owner_and_mode = |path| {
        let Entry { owner, mode, .. } = files.entry(path);
        (*owner, *mode)
    };
    assert_eq!(owner_and_mode("app/one.txt"), ((1000, 2000), 0o640));
    assert_eq!(files.entry("app/two.txt").owner.0, 65534);
    assert_eq!(owner_and_mode("app/source/deep"), ((7, 8), 0o755));
    assert_eq!(owner_and_mode("app/source/deep/part.c"), ((7, 8), 0o644));
}

#[test]
fn files_belong_to_root_unless_an_owner_is_written() {
    let files = project("      - copy: one.txt\n").build().files();
    assert_eq!(files.entry("app/one.txt").owner, (0, 0));
}

#[test]
fn include_and_exclude_choose_among_the_files_of_a_directory() {
    let files = project(
        r#"
      - copy: source/
        to: /included
        include: ["**/*.c"]
      - copy: source/
        to: /excluded
        exclude: ["**/*.h", "*.md"]
      - copy: source/
        to: /both
        include: ["deep"]
        exclude: ["deep/*.h"]
"#,
    )
    .build()
    .files();
    assert_eq!(files.below("included"), ["deep", "deep/part.c", "main.c"]);
    assert_eq!(files.below("excluded"), ["deep", "deep/part.c", "main.c"]);
    assert_eq!(files.below("both"), ["deep", "deep/part.c"]);
}

#[test]
fn globs_match_and_must_match_something() {
    let files = project("      - copy: '*.txt'\n        to: /texts/\n")
        .build()
        .files();
    assert_eq!(files.below("texts"), ["one.txt", "two.txt"]);

    project("      - copy: '*.none'\n        to: /texts/\n")
        .build()
        .fail()
        .assert_shows("*.none");
    let files = project("      - copy: '*.none'\n        to: /texts/\n        optional: true\n")
        .build()
        .files();
    assert!(files.below("texts").is_empty());
}

#[test]
fn parents_are_kept_when_asked_for() {
    let files = project(
        "      - copy: [source/deep/part.c, one.txt]\n        to: /kept\n        parents: true\n",
    )
    .build()
    .files();
    assert_eq!(
        files.below("kept"),
        ["one.txt", "source", "source/deep", "source/deep/part.c"]
    );
}

#[test]
fn other_stages_and_images_are_sources() {
    let files = Project::new(
        "
stages:
  other:
    from: busybox:1.35
    steps:
      - write: /made/here
        content: '@TOKEN@'
  app:
    steps:
      - copy: /made
        from: other
        to: /
      - copy: /etc/passwd
        from: alpine:3.20
        to: /passwd-of-alpine
",
    )
    .build()
    .files();
    assert!(files.contains("made/here"));
    assert!(files.text("passwd-of-alpine").contains("root:"));
    assert!(!files.contains("bin"));
}

#[test]
fn names_like_patterns_are_copied_as_they_are() {
    let files = Project::new(
        "
stages:
  app:
    steps:
      - copy: 'app/[slug]/page.tsx'
        glob: false
        to: /one.tsx
      - copy: ['app/[slug]', 'app/s']
        glob: false
        parents: true
        to: /
",
    )
    .with_file("app/[slug]/page.tsx", "@TOKEN@")
    .with_file("app/s/page.tsx", "@TOKEN@")
    .with_file("app/l/page.tsx", "@TOKEN@")
    .build()
    .files();
    assert!(files.contains("one.tsx"));
    assert!(files.contains("app/[slug]/page.tsx") && files.contains("app/s/page.tsx"));
    assert!(!files.contains("app/l"));
}
