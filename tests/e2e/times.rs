//! Tests that the same input makes the same image.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use stagefile_tests::{Build, Project, WebServer};

/// Returns the digest of the only image of an OCI archive.
#[track_caller]
fn digest_of(archive: &[u8]) -> String {
    let mut archive = tar::Archive::new(archive);
    for entry in archive
        .entries()
        .expect("the archive of an image can be read")
    {
        let mut entry = entry.expect("the archive of an image can be read");
        if entry
            .path()
            .expect("the archive of an image can be read")
            .to_str()
            == Some("index.json")
        {
            let mut text = String::new();
            entry
                .read_to_string(&mut text)
                .expect("the archive of an image can be read");
            let index: Value =
                serde_json::from_str(&text).expect("the archive of an image can be read");
            return index["manifests"][0]["digest"]
                .as_str()
                .expect("the archive of an image can be read")
                .to_owned();
        }
    }
    panic!("the archive has no index");
}

/// Builds twice without the cache. In between, time passes and every file is touched.
pub(crate) fn builds(project: &Project, with: impl Fn(Build) -> Build) -> [String; 2] {
    let build = || {
        let build = project
            .build()
            .option("--no-cache")
            .option("--provenance=false");
        digest_of(&with(build).archive().0)
    };
    let first = build();
    thread::sleep(Duration::from_millis(1100));
    touch(project.path());
    [first, build()]
}

fn touch(path: &Path) {
    if path.is_dir() {
        for entry in path
            .read_dir()
            .expect("the archive of an image can be read")
        {
            touch(&entry.expect("the archive of an image can be read").path());
        }
    }
    File::open(path)
        .expect("the archive of an image can be read")
        .set_modified(SystemTime::now())
        .expect("the archive of an image can be read");
}

#[test]
fn file_operations_make_the_same_image_in_every_build() {
    let project = Project::new(
        r#"
stages:
  files:
    steps:
      - copy: src
        to: /
  app:
    from: busybox:1.35
    workdir: /w/x/y
    steps:
      - write: /etc/app/deep/x.txt
        content: "@TOKEN@"
      - write: /etc/app/shared
        content: shared
        mode: 0666
      - copy: src
      - copy: src/
        to: /opt/one/two/
      - copy: [src/a, src/sub]
        to: /etc/
        mode: 0644
      - copy: src/a
        to: /usr/lib/a
      - copy: "src/s*/*"
        to: /var/many
      - copy: src/sub/b
        to: /srv
        parents: true
      - copy: /src
        from: files
        to: /var/from
      - mkdir: [/var/m/n, /var/m/o/p]
      - symlink: /usr/q/link
        target: a
      - remove: [/usr/lib/a, /var/m/n]
"#,
    )
    .with_file("src/a", "a")
    .with_file("src/sub/b", "b");
    let [first, second] = builds(&project, |build| build);
    assert_eq!(first, second);

    let image = project.build().image();
    let created = image.inspect()["Created"]
        .as_str()
        .expect("the archive of an image can be read")
        .to_owned();
    assert!(created.starts_with("1980-01-01T00:00:00"), "{created}");
}

/// An archive with a file from 2001, but without an entry for its directory.
fn archive() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    header.set_mtime(1_000_000_000);
    archive
        .append_data(&mut header, "a/b/file", b"hello".as_slice())
        .expect("an archive in memory");
    archive.into_inner().expect("an archive in memory")
}

#[test]
fn what_is_unpacked_has_the_same_time_in_every_build() {
    let server = WebServer::start();
    let url = server.write("files.tar", archive());
    let repository = server.repository("lib");
    repository.write("src/code", "code");
    repository.commit();
    let git = repository.url();
    let project = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - {{ fetch: {url}, to: /fetched, unpack: true }}
      - {{ copy: files.tar, to: /copied/, unpack: true }}
      - {{ git: {git}, to: /repository }}
      - {{ write: /token, content: '@TOKEN@' }}
"
    ));
    std::fs::write(project.path().join("files.tar"), archive()).expect("a file");
    let [first, second] = builds(&project, |build| build);
    assert_eq!(first, second);
    let files = project.build().files();
    for path in ["fetched", "copied"] {
        for below in ["", "/a", "/a/b", "/a/b/file"] {
            let path = format!("{path}{below}");
            assert_eq!(files.entry(&path).modified, 315_532_800, "{path}");
        }
    }
    for path in ["repository/src", "repository/src/code"] {
        assert_eq!(files.entry(path).modified, 315_532_800, "{path}");
    }
}

#[test]
fn scripts_make_the_same_image_when_the_exporter_rewrites_times() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /work
    steps:
      - copy: src
      - run: mkdir made && echo @TOKEN@ > made/file
",
    )
    .with_file("src/a", "a");
    let plain = builds(&project, |build| build);
    assert_ne!(plain[0], plain[1]);
    let rewritten = builds(&project, |build| {
        build
            .build_arg("SOURCE_DATE_EPOCH", "1000000000")
            .exporting("rewrite-timestamp=true")
    });
    assert_eq!(rewritten[0], rewritten[1]);
}

/// As in the manual: the image has this time, and scripts see it.
#[test]
fn an_epoch_in_the_file_is_for_scripts_too() {
    let project = Project::new(
        r#"
args:
  SOURCE_DATE_EPOCH: "981173106"
stages:
  app:
    from: busybox:1.35
    env: { SOURCE_DATE_EPOCH: "${{ args.SOURCE_DATE_EPOCH }}" }
    steps:
      - run: echo "@TOKEN@ built for $SOURCE_DATE_EPOCH" > /built
    image: { epoch: "${{ args.SOURCE_DATE_EPOCH }}" }
"#,
    );
    let written = builds(&project, |build| build.exporting("rewrite-timestamp=true"));
    assert_eq!(written[0], written[1]);
    let given = builds(&project, |build| {
        build
            .build_arg("SOURCE_DATE_EPOCH", "1000000000")
            .exporting("rewrite-timestamp=true")
    });
    assert_eq!(given[0], given[1]);
    assert_ne!(written[0], given[0]);

    let says = |build: Build| build.files().text("built").to_owned();
    assert!(says(project.build()).ends_with("built for 981173106\n"));
    let given = project.build().build_arg("SOURCE_DATE_EPOCH", "1000000000");
    assert!(says(given).ends_with("built for 1000000000\n"));
}

#[test]
fn copies_keep_their_times_for_scripts_with_a_cache() {
    let project = Project::new(
        "
stages:
  build:
    from: busybox:1.35
    workdir: /src
    steps:
      - copy: seen
      - run: cat seen; echo @TOKEN@
        caches: { target: /cache }
      - copy: unseen
      - copy: kept
        times: keep
",
    );
    for file in ["seen", "unseen", "kept"] {
        project.write(file, "@TOKEN@");
    }
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
    for file in ["seen", "unseen", "kept"] {
        let file =
            File::open(project.path().join(file)).expect("the archive of an image can be read");
        file.set_modified(time)
            .expect("the archive of an image can be read");
    }
    let files = project.build().files();
    for (file, expected) in [
        ("src/seen", 1_234_567_890),
        ("src/unseen", 315_532_800),
        ("src/kept", 1_234_567_890),
    ] {
        assert_eq!(files.entry(file).modified, expected, "{file}");
    }
}
