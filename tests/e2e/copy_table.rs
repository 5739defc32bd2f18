//! Tests that `copy` gives the same result for every kind of path from every kind of source.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;

use stagefile_tests::Project;

use crate::times::builds;

/// Steps, and what is below `@` afterwards, which is a directory for each row.
const TABLE: &[(&str, &str)] = &[
    // One path, the content of a directory, and several paths.
    ("copy: a.txt, to: @/", "a.txt"),
    ("copy: a.txt, to: @/n.txt", "n.txt"),
    (
        "copy: src, to: @/",
        "src src/deep src/deep/notes.md src/deep/part.c src/main.c src/vendor src/vendor/v.c",
    ),
    (
        "copy: src/, to: @/",
        "deep deep/notes.md deep/part.c main.c vendor vendor/v.c",
    ),
    ("copy: src/deep, to: @/x", "x x/notes.md x/part.c"),
    ("copy: src/deep/, to: @/x", "x x/notes.md x/part.c"),
    (
        "copy: [a.txt, src/deep], to: @",
        "a.txt deep deep/notes.md deep/part.c",
    ),
    ("copy: [a.txt, src/deep/], to: @", "a.txt notes.md part.c"),
    ("copy: empty, to: @/", "empty"),
    (
        "copy: ., include: [a.txt, src/deep], to: @/",
        "a.txt src src/deep src/deep/notes.md src/deep/part.c",
    ),
    // Patterns.
    ("copy: '*.txt', to: @/", "a.txt link.txt"),
    ("copy: 'packages/*/dist', to: @/", "dist dist/x dist/y"),
    ("copy: 'packages/*/dist/', to: @/", "x y"),
    (
        "copy: 'packages/[ab]', to: @/",
        "a a/dist a/dist/x a/package.json b b/dist b/dist/y b/package.json",
    ),
    ("copy: 'target/*.jar', to: @/app.jar", "app.jar"),
    (
        "copy: 'target/app-*', to: @/app.jar, exclude: '*.war'",
        "app.jar",
    ),
    ("copy: 'src/de*', to: @/x", "x x/notes.md x/part.c"),
    (
        "copy: 'src/[slug]', glob: false, optional: true, to: @/",
        "",
    ),
    (
        "copy: 'packages/*', include: package.json, to: @/",
        "a a/package.json b b/package.json file",
    ),
    // Exclusions: below the named path, beside it, and the named path itself.
    (
        "copy: '*', exclude: [.env, '*.key', packages, target, real, src, empty], to: @/",
        "a.txt archive.tar config link.txt",
    ),
    (
        "copy: [a.txt, b.key, src], exclude: ['*.key', /src/vendor, '**/*.md'], to: @/",
        "a.txt src src/deep src/deep/part.c src/main.c",
    ),
    (
        "copy: src/, exclude: /vendor, to: @/",
        "deep deep/notes.md deep/part.c main.c",
    ),
    (
        "copy: src, exclude: [src/vendor, deep], to: @/",
        "src src/main.c",
    ),
    (
        "copy: src, exclude: [vendor, main.c, deep/notes.md], to: @/x",
        "x x/deep x/deep/part.c",
    ),
    (
        "copy: 'sr*', exclude: [src/vendor, deep], to: @/",
        "src src/main.c",
    ),
    (
        "copy: 'src/*', exclude: ['**/*.c', '!main.c'], to: @/",
        "deep deep/notes.md main.c vendor",
    ),
    (
        "copy: src/, include: '**/*.c', exclude: vendor, to: @/",
        "deep deep/part.c main.c",
    ),
    (
        "copy: 'packages/*/dist', exclude: dist/x, to: @/",
        "dist dist/y",
    ),
    (
        "copy: 'packages/*/*', include: y, exclude: ['*.json'], to: @/",
        "dist dist/y",
    ),
    ("copy: b.key, exclude: '*.key', to: @/", ""),
    // Links.
    ("copy: config/, to: @/", "one.conf two.conf"),
    ("copy: config/, include: 'one*', to: @/", "one.conf"),
    ("copy: config/, exclude: 'one*', to: @/", "two.conf"),
    ("copy: config, to: @/", "config"),
    (
        "copy: config, follow: true, to: @/",
        "config config/one.conf config/two.conf",
    ),
    ("copy: link.txt, follow: true, to: @/", "link.txt"),
    ("copy: 'config/*', to: @/", "one.conf two.conf"),
    ("copy: 'config/*', exclude: 'two*', to: @/", "one.conf"),
    ("copy: config/one.conf, to: @/", "one.conf"),
    // Parent directories that are kept.
    (
        "copy: [src/deep/part.c, a.txt], parents: true, to: @",
        "a.txt src src/deep src/deep/part.c",
    ),
    (
        "copy: 'packages/*/package.json', parents: true, to: @",
        "packages packages/a packages/a/package.json packages/b packages/b/package.json",
    ),
    (
        "copy: 'src/**/*.c', parents: true, to: @",
        "src src/deep src/deep/part.c src/main.c src/vendor src/vendor/v.c",
    ),
    (
        "copy: config/one.conf, parents: true, to: @",
        "config config/one.conf",
    ),
    (
        "copy: src/deep/, parents: true, exclude: '*.md', to: @",
        "src src/deep src/deep/part.c",
    ),
    (
        "copy: src, parents: true, exclude: [src/vendor, deep], to: @",
        "src src/main.c",
    ),
    (
        "copy: [src, packages], parents: true, include: ['**/*.c', '*/dist'], to: @",
        "packages packages/a packages/a/dist packages/a/dist/x packages/b packages/b/dist packages/b/dist/y src src/deep src/deep/part.c src/main.c src/vendor src/vendor/v.c",
    ),
    ("copy: ., parents: true, include: a.txt, to: @", "a.txt"),
    // Optional paths.
    ("copy: nothing/here.txt, optional: true, to: @/", ""),
    ("copy: 'nothing/*.txt', optional: true, to: @/", ""),
    ("copy: nothing/, optional: true, to: @/", ""),
    ("copy: 'nothing*', optional: true, exclude: x, to: @/", ""),
    ("copy: 'nothing/*', optional: true, exclude: x, to: @/", ""),
    ("copy: 'nothing*', optional: true, to: @/x", ""),
    ("copy: nothing, optional: true, mode: u=rwX, to: @/x", ""),
    ("copy: [a.txt, nothing], optional: true, to: @/", "a.txt"),
    ("copy: a.txt, optional: true, to: @/n.txt", "n.txt"),
    (
        "copy: [nothing/x, src/main.c], optional: true, parents: true, to: @",
        "src src/main.c",
    ),
    // Archives, and a file that isn't one.
    (
        "copy: archive.tar, unpack: true, to: @",
        "tool tool/bin tool/bin/tool",
    ),
    (
        "copy: archive.tar, unpack: true, to: @/",
        "tool tool/bin tool/bin/tool",
    ),
    ("copy: a.txt, unpack: true, to: @/x", "x x/a.txt"),
    (
        "copy: 'a*', unpack: true, to: @/",
        "a.txt tool tool/bin tool/bin/tool",
    ),
];

/// The sources, which all have the same files.
const SOURCES: [(&str, &str); 4] = [
    ("context", ""),
    ("copied", ", from: copied"),
    ("ran", ", from: ran.tree"),
    ("output", ", from: output"),
];

fn archive() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o750);
    header.set_mtime(1_234_567_890);
    archive
        .append_data(&mut header, "tool/bin/tool", b"hello".as_slice())
        .expect("an archive can be made in memory");
    archive
        .into_inner()
        .expect("an archive can be made in memory")
}

/// A project with files of every kind, and a stage that does some steps with them.
fn project(app: &str) -> Project {
    let mut project = Project::new(&format!(
        "
stages:
  copied:
    steps:
      - copy: .
        to: /
  ran:
    from: busybox:1.35
    steps:
      - run: cp -a /context /tree; touch /tree/src/main.c; echo @TOKEN@
        bind: {{ paths: ., to: /context }}
    outputs: {{ tree: /tree }}
  made:
    from: busybox:1.35
    steps:
      - run: cp -a /context/. /tree/; echo @TOKEN@
        bind: {{ paths: ., to: /context }}
        outputs: {{ tree: /tree }}
  output:
    steps:
      - copy: .
        from: made.tree
        to: /
  app:
    from: busybox:1.35
    workdir: /@TOKEN@
    steps:
{app}"
    ));
    for file in [
        "a.txt",
        "b.key",
        ".env",
        "real/one.conf",
        "real/two.conf",
        "src/main.c",
        "src/vendor/v.c",
        "src/deep/part.c",
        "src/deep/notes.md",
        "packages/a/package.json",
        "packages/a/dist/x",
        "packages/b/package.json",
        "packages/b/dist/y",
        "packages/file",
        "target/app-1.jar",
        "target/app-1.war",
    ] {
        project = project.with_file(file, file);
    }
    let path = |name: &str| project.path().join(name);
    fs::create_dir(path("empty")).expect("the project's folder can be written");
    fs::write(path("archive.tar"), archive()).expect("the project's folder can be written");
    symlink("real", path("config")).expect("the project's folder can be written");
    symlink("a.txt", path("link.txt")).expect("the project's folder can be written");
    project.with_file(".dockerignore", "Stagefile\n.dockerignore\n")
}

/// Writes the table as steps: each row for the sources that it applies to.
fn table(is_for: impl Fn(usize, usize) -> bool) -> String {
    let mut steps = String::new();
    for (number, (source, from)) in SOURCES.iter().enumerate() {
        for (row, (step, _)) in TABLE.iter().enumerate() {
            if is_for(row, number) {
                let step = step.replace('@', &format!("/{source}/{row}"));
                _ = writeln!(steps, "      - {{ {step}{from} }}");
            }
        }
    }
    steps
}

/// The context and outputs have the whole table, stages some of it.
fn most(row: usize, source: usize) -> bool {
    source.is_multiple_of(2) || row % 4 == source
}

#[test]
fn every_kind_of_path_from_every_source() {
    let files = project(&table(most)).build().files();
    let mut wrong = Vec::new();
    for (number, (source, _)) in SOURCES.iter().enumerate() {
        let rows = TABLE.iter().enumerate();
        for (row, (step, expected)) in rows.filter(|(row, _)| most(*row, number)) {
            let found = files.below(&format!("{source}/{row}")).join(" ");
            if found != *expected {
                wrong.push(format!(
                    "{source}: {step}\n  has  {found}\n  not  {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let link = |row: &str| {
        let row = TABLE.iter().position(|(step, _)| step.starts_with(row));
        let row = row.expect("the table has this row");
        let name = TABLE[row].1;
        files.entry(&format!("context/{row}/{name}")).link.clone()
    };
    assert_eq!(link("copy: config, to"), Some("real".to_owned()));
    assert_eq!(link("copy: link.txt, follow"), None);
}

#[test]
fn the_same_copies_make_the_same_image_twice() {
    let project = project(&table(|row, source| row % SOURCES.len() == source));
    let [first, second] = builds(&project, |build| build);
    assert_eq!(first, second);
}

#[test]
fn what_is_not_there_is_an_error() {
    for (step, shown) in [
        (
            "copy: [a.txt, packages/a/typo.json], parents: true",
            "typo.json",
        ),
        ("copy: [a.txt, typo/x], parents: true, from: copied", "typo"),
        ("copy: 'packages/*/typo.json', parents: true", "typo"),
        (
            "copy: 'src/**/*.typo', parents: true, from: ran.tree",
            "not found",
        ),
        ("copy: [a.txt, typo], exclude: x, from: copied", "typo"),
        ("copy: '*.typo', exclude: x", "typo"),
        ("copy: '*.key', exclude: '*.key'", "not found"),
        (
            "copy: /usr/typo, from: 'busybox:1.35', parents: true",
            "typo",
        ),
        (
            "copy: 'target/*', to: /app.jar",
            "`target/*` matches 2 paths (`app-1.jar`, `app-1.war`), and only one can be called `/app.jar`",
        ),
    ] {
        let outcome = project(&format!("      - {{ {step} }}\n")).build().fail();
        outcome.assert_shows(shown);
        outcome.assert_shows("Stagefile:");
    }
}

/// In Debian, `/bin` is a link.
#[test]
fn a_slash_follows_links_of_images() {
    let files = Project::new(
        "
stages:
  app:
    steps:
      - { copy: /bin/, from: 'debian:bookworm-slim', include: [cat, ls], to: /some/ }
      - { copy: /bin/cat, from: 'debian:bookworm-slim', to: /one/ }
      - { copy: '/bin/ca*', from: 'debian:bookworm-slim', exclude: 'catc*', to: /few/ }
      - write: /token
        content: '@TOKEN@'
",
    )
    .build()
    .files();
    assert_eq!(files.below("some"), ["cat", "ls"]);
    assert_eq!(files.below("one"), ["cat"]);
    assert!(files.contains("few/cat") && !files.contains("few/catchsegv"));
}

#[test]
fn modes_and_owners_count_for_what_is_copied_and_for_the_directories_on_the_way() {
    let steps = "
      - { copy: src, to: /symbolic, mode: 'u=rwX,go=' }
      - { copy: src, to: /sticky, mode: 1777 }
      - { copy: src, to: /into/, mode: 2775 }
      - { copy: src/, to: /home, mode: 'u=rwX,go=' }
      - { copy: src, to: /etc, mode: 'u=rwX,go=' }
      - { copy: src/main.c, to: /parent/of/file, mode: 4755, owner: '7:8' }
      - { copy: src/deep/part.c, to: /kept, parents: true, owner: '7:8' }
      - { write: /written/by/file, content: x, owner: '7:8', mode: 2755 }
      - { mkdir: /made/by/directory, owner: '7:8', mode: 3770 }
      - { mkdir: [/tmp, /var/tmp], mode: 1777 }
      - { mkdir: /usr }
      - { symlink: /linked/by/link, target: x, owner: '7:8' }
";
    let files = project(steps).build().files();
    for (path, mode, owner) in [
        ("symbolic", 0o700, 0),
        ("symbolic/main.c", 0o600, 0),
        ("symbolic/deep", 0o700, 0),
        ("sticky", 0o1777, 0),
        ("sticky/main.c", 0o1777, 0),
        ("into", 0o755, 0),
        ("into/src", 0o2775, 0),
        // Existing directories aren't changed.
        ("home", 0o755, 0),
        ("home/deep", 0o700, 0),
        ("etc", 0o755, 0),
        ("parent/of", 0o755, 7),
        ("parent/of/file", 0o4755, 7),
        ("kept/src/deep", 0o755, 7),
        ("written/by", 0o755, 7),
        ("written/by/file", 0o2755, 7),
        ("made/by", 0o755, 7),
        ("made/by/directory", 0o3770, 7),
        ("tmp", 0o1777, 0),
        ("var/tmp", 0o1777, 0),
        ("usr", 0o755, 0),
        ("linked/by", 0o755, 7),
        ("linked/by/link", 0o777, 7),
    ] {
        let entry = files.entry(path);
        assert_eq!(
            (entry.mode, entry.owner.0),
            (mode, owner),
            "{path}: {:o}",
            entry.mode
        );
    }
}

#[test]
fn what_is_left_out_does_not_count_for_the_cache() {
    let project = project(
        "      - { copy: '*', exclude: [.env, src/vendor, target], to: /all/ }\n      - run: echo counted @TOKEN@\n",
    );
    project.build().succeed().assert_ran("echo counted");
    for file in [".env", "src/vendor/v.c", "target/new"] {
        project.write(file, "@TOKEN@");
    }
    project.build().succeed().assert_cached("echo counted");
    project.write("src/main.c", "@TOKEN@");
    project.build().succeed().assert_ran("echo counted");
}

/// For a link to a directory, the content counts, whatever the patterns are.
#[test]
fn what_a_link_leads_to_counts_for_the_cache() {
    let project = project(
        "      - { copy: config/, include: '*.conf', to: /some/ }\n      - run: echo counted @TOKEN@\n",
    );
    project.build().succeed().assert_ran("echo counted");
    project.write("real/one.conf", "@TOKEN@");
    project.build().succeed().assert_ran("echo counted");
}
