//! Compares copies with the equivalent `COPY` of a Dockerfile: the same paths, modes, owners, links and contents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use stagefile_tests::{Entry, Files, Project, frontend};

/// A Dockerfile's instruction, and the equivalent step. `@` is a directory for each pair, which already exists: the
/// mode of a `COPY` would apply to it if the `COPY` created it.
const PAIRS: &[(&str, &str)] = &[
    ("COPY src @/", "copy: src/, to: @/"),
    ("COPY src/ @/x", "copy: src/, to: @/x"),
    ("COPY src @/src", "copy: src, to: @/"),
    ("COPY src/main.c @/", "copy: src/main.c, to: @/"),
    ("COPY src/main.c @/n.c", "copy: src/main.c, to: @/n.c"),
    (
        "COPY src/main.c @/a/b/c/n.c",
        "copy: src/main.c, to: @/a/b/c/n.c",
    ),
    (
        "COPY src/main.c .env @/",
        "copy: [src/main.c, .env], to: @/",
    ),
    ("COPY . @/", "copy: ., to: @/"),
    ("COPY src/*.c @/", "copy: 'src/*.c', to: @/"),
    ("COPY src/?ain.c @/", "copy: 'src/?ain.c', to: @/"),
    ("COPY src/[a-m]*.c @/", "copy: 'src/[a-m]*.c', to: @/"),
    (
        "COPY target/*.jar @/app.jar",
        "copy: 'target/*.jar', to: @/app.jar",
    ),
    ("COPY packages/* @/", "copy: 'packages/*/', to: @/"),
    ("COPY */deep @/", "copy: '*/deep/', to: @/"),
    ("COPY empty @/", "copy: empty/, to: @/"),
    ("COPY empty @/x", "copy: empty, to: @/x"),
    (
        "COPY [\"with space/a b.txt\", \"@/\"]",
        "copy: 'with space/a b.txt', to: @/",
    ),
    (
        "COPY app/[[]slug]/page.tsx @/",
        "copy: 'app/[slug]/page.tsx', glob: false, to: @/",
    ),
    ("COPY do\\$lar @/", "copy: do$lar, to: @/"),
    ("COPY grün.txt @/", "copy: grün.txt, to: @/"),
    (
        "COPY --parents packages/*/package.json @/",
        "copy: 'packages/*/package.json', parents: true, to: @/",
    ),
    (
        "COPY --parents **/*.c @/",
        "copy: '**/*.c', parents: true, to: @/",
    ),
    (
        "COPY --parents src/deep/part.c .env @/",
        "copy: [src/deep/part.c, .env], parents: true, to: @/",
    ),
    (
        "COPY --exclude=*.c src @/",
        "copy: src/, exclude: '*.c', to: @/",
    ),
    (
        "COPY --exclude=**/*.c src @/",
        "copy: src/, exclude: '**/*.c', to: @/",
    ),
    (
        "COPY --exclude=deep --exclude=main.c src @/",
        "copy: src/, exclude: [deep, main.c], to: @/",
    ),
    ("COPY --chmod=700 src @/", "copy: src/, mode: 700, to: @/"),
    ("COPY --chmod=644 .env @/", "copy: .env, mode: 644, to: @/"),
    (
        "COPY --chmod=u=rwX,go=rX src @/",
        "copy: src/, mode: 'u=rwX,go=rX', to: @/",
    ),
    (
        "COPY --chmod=a-w src/main.c @/",
        "copy: src/main.c, mode: a-w, to: @/",
    ),
    // Without special bits: `COPY --chmod` loses those of a directory.
    (
        "COPY --chown=1000:1001 src @/",
        "copy: src/, owner: '1000:1001', to: @/",
    ),
    (
        "COPY --chown=1000 .env @/a/b/",
        "copy: .env, owner: 1000, to: @/a/b/",
    ),
    (
        "COPY --chown=daemon:www-data .env @/a/",
        "copy: .env, owner: 'daemon:www-data', to: @/a/",
    ),
    ("COPY config @/", "copy: config/, to: @/"),
    ("COPY link.txt @/", "copy: link.txt, follow: true, to: @/"),
    ("COPY links @/", "copy: links/, to: @/"),
    (
        "COPY --from=other /etc/passwd @/",
        "copy: /etc/passwd, from: other, to: @/",
    ),
    (
        "COPY --from=other /etc @/",
        "copy: /etc/, from: other, to: @/",
    ),
    (
        "COPY --from=other /etc/pass* @/",
        "copy: '/etc/pass*', from: other, to: @/",
    ),
    (
        "COPY --from=other /bin/sh @/",
        "copy: /bin/sh, follow: true, from: other, to: @/",
    ),
    (
        "COPY --from=other --chown=7:8 /etc/passwd @/n",
        "copy: /etc/passwd, owner: '7:8', from: other, to: @/n",
    ),
    // Over existing files: links on the way are followed, and files are replaced.
    ("COPY .env @-link/", "copy: .env, to: @-link/"),
    ("COPY src/main.c @/there", "copy: src/main.c, to: @/there"),
    ("COPY src @/there-too", "copy: src/, to: @/there-too"),
];

/// The directory of a pair.
fn place(number: usize) -> String {
    format!("/place/{number}")
}

fn project() -> Project {
    let mut project = Project::new("");
    for path in [
        ".env",
        "src/main.c",
        "src/other.c",
        "src/deep/part.c",
        "src/deep/notes.md",
        "packages/a/package.json",
        "packages/b/package.json",
        "packages/b/index.js",
        "target/app-1.jar",
        "with space/a b.txt",
        "app/[slug]/page.tsx",
        "do$lar",
        "grün.txt",
        "real/one.conf",
        "links/file",
    ] {
        project = project.with_file(path, path);
    }
    let path = |name: &str| project.path().join(name);
    fs::create_dir(path("empty")).expect("the project's folder can be written");
    symlink("real", path("config")).expect("the project's folder can be written");
    symlink("src/main.c", path("link.txt")).expect("the project's folder can be written");
    symlink("../nowhere", path("links/broken")).expect("the project's folder can be written");
    for (name, mode) in [("src/main.c", 0o4755), (".env", 0o600), ("src/deep", 0o750)] {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode))
            .expect("the project's folder can be written");
    }
    project.with_file(".dockerignore", "Stagefile\n.dockerignore\n")
}

/// A script that prepares the destination: a directory for each pair, a link to it, and files in it.
fn places() -> String {
    let last = PAIRS.len() - 1;
    format!(
        "for n in $(seq 0 {last}); do mkdir -p /place/$n/there-too/src; ln -s $n /place/$n-link; echo old >/place/$n/there; echo old >/place/$n/there-too/main.c; done; echo @TOKEN@"
    )
}

fn built(project: &Project, text: &str) -> Files {
    project.write("Stagefile", text);
    project.build().files()
}

fn dockerfile() -> String {
    let mut text = format!(
        "# syntax={}\nFROM busybox:1.35 AS other\nFROM busybox:1.35 AS app\nRUN {}\n",
        frontend(),
        places()
    );
    for (number, (copy, _)) in PAIRS.iter().enumerate() {
        _ = writeln!(text, "{}", copy.replace('@', &place(number)));
    }
    text
}

fn stagefile() -> String {
    let mut text = format!(
        "# syntax={}\nstages:\n  other: {{ from: busybox:1.35 }}\n  app:\n    from: busybox:1.35\n    steps:\n      - run: {}\n",
        frontend(),
        places()
    );
    for (number, (_, step)) in PAIRS.iter().enumerate() {
        _ = writeln!(text, "      - {{ {} }}", step.replace('@', &place(number)));
    }
    text
}

#[test]
fn copies_are_those_of_a_dockerfile() {
    let project = project();
    let theirs = built(&project, &dockerfile());
    let ours = built(&project, &stagefile());
    let mut wrong = Vec::new();
    for (number, (copy, step)) in PAIRS.iter().enumerate() {
        // Times differ: our copies use one time for all files.
        let of = |files: &Files| -> BTreeMap<String, Entry> {
            let place = place(number);
            let directory = place.trim_start_matches('/');
            let paths = files.below(directory).into_iter();
            paths
                .map(|path| {
                    let mut entry = files.entry(&format!("{directory}/{path}")).clone();
                    entry.modified = 0;
                    (path.to_owned(), entry)
                })
                .collect()
        };
        let (theirs, ours) = (of(&theirs), of(&ours));
        if theirs != ours {
            let paths = theirs.keys().chain(ours.keys());
            let mut paths: Vec<_> = paths
                .filter(|path| theirs.get(*path) != ours.get(*path))
                .collect();
            paths.dedup();
            wrong.push(format!("`{copy}` and `{step}`: {paths:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
