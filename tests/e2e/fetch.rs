//! Tests of `fetch` steps.

use stagefile_tests::{Project, WebServer};

/// The checksum of `hello`.
const HELLO: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn files_are_downloaded_to_their_places() {
    let server = WebServer::start();
    let url = server.write("tools/tool", "hello");
    let project = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /work
    steps:
      - fetch: {url}
        checksum: {HELLO}
      - fetch: {url}
        checksum: {HELLO}
        to: /opt/bin/
        mode: 0755
        owner: 12:34
      - fetch: {url}
        to: /opt/named
        mode: 0600
"
    ));
    let (files, outcome) = project.build().files_and_outcome();
    for (path, mode, owner) in [
        ("work/tool", 0o644, (0, 0)),
        ("opt/bin/tool", 0o755, (12, 34)),
        ("opt/named", 0o600, (0, 0)),
    ] {
        let file = files.entry(path);
        assert_eq!(file.content, b"hello", "{path}");
        assert_eq!((file.mode, file.owner), (mode, owner), "{path}");
        assert_eq!(file.modified, 315_532_800, "{path}");
    }
    assert_eq!(files.entry("opt/bin").mode, 0o755);
    // Only the last one has no checksum.
    outcome.assert_shows("unpinned-source");
    outcome.assert_shows("(line 14)");
    outcome.assert_hides("(line 7)");
}

/// A file keeps its name in an existing directory, and in the directory for something that isn't an archive.
#[test]
fn what_goes_into_a_directory_keeps_its_name_and_mode() {
    let server = WebServer::start();
    let url = server.write("tool-1.0", "hello");
    let files = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - mkdir: /usr/local/bin
      - fetch: {url}
        checksum: {HELLO}
        to: /usr/local/bin
      - fetch: {url}
        checksum: {HELLO}
        to: /opt/unpacked
        unpack: true
"
    ))
    .build()
    .files();
    for path in ["usr/local/bin/tool-1.0", "opt/unpacked/tool-1.0"] {
        let file = files.entry(path);
        assert_eq!(file.content, b"hello", "{path}");
        assert_eq!((file.mode, file.owner), (0o644, (0, 0)), "{path}");
    }
}

#[test]
fn an_archive_is_unpacked() {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o750);
    archive
        .append_data(&mut header, "tool-1.0/bin/tool", b"hello".as_slice())
        .unwrap();
    let server = WebServer::start();
    let url = server.write("tool.tar", archive.into_inner().unwrap());
    let files = Project::new(&format!(
        "
stages:
  app:
    steps:
      - fetch: {url}
        to: /opt/tool
        unpack: true
"
    ))
    .build()
    .files();
    let file = files.entry("opt/tool/tool-1.0/bin/tool");
    assert_eq!(
        (file.mode, file.content.as_slice()),
        (0o750, b"hello".as_slice())
    );
}

#[test]
fn another_file_than_expected_ends_the_build() {
    let server = WebServer::start();
    let url = server.write("file", "something else");
    // A checksum that nothing has: if the daemon has content with the checksum, it doesn't ask the server.
    let checksum = format!("sha256:{}", "5".repeat(64));
    let outcome = Project::new(&format!(
        "
stages:
  app:
    steps:
      - fetch: {url}
        checksum: {checksum}
"
    ))
    .build()
    .fail();
    outcome.assert_shows("digest mismatch");
    assert_eq!(outcome.marked_lines(), [5, 6]);
}

#[test]
fn what_is_not_there_ends_the_build_at_its_step() {
    let url = WebServer::start().url("nothing");
    let outcome = Project::new(&format!(
        "\nstages:\n  app:\n    steps:\n      - fetch: {url}\n"
    ))
    .build()
    .fail();
    outcome.assert_shows("404");
    assert_eq!(outcome.marked_lines(), [5]);
}
