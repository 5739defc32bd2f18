//! Tests of lock files, which record what names in a file stand for.

use stagefile_tests::{Project, WebServer};

/// An image with a file, as an archive.
fn image(content: &str) -> Vec<u8> {
    let file = format!(
        "\nstages: {{ app: {{ steps: [{{ write: /file, content: '{content} @TOKEN@' }}] }} }}\n"
    );
    let project = Project::new(&file);
    project.build().archive().0
}

/// Returns the lock in a client's output.
fn lock_of(text: &str) -> &str {
    let start = text.find("# What the names").expect("a lock is printed");
    &text[start..]
}

/// Lists the requests to a registry for manifests, by tag or by digest.
fn manifests(server: &WebServer) -> Vec<String> {
    let mut asked = server.requests();
    asked.retain(|request| request.contains("/manifests/"));
    asked
}

#[test]
fn a_build_with_a_lock_asks_no_registry_what_a_tag_is() {
    let server = WebServer::start();
    let base = server.push("base", "1", &image("old"));
    let data = server.write("data", "some data");
    let stagefile = |last: &str| {
        format!(
            "
stages:
  app:
    from: {base}
    steps:
      - fetch: {data}
      - write: /last
        content: {last} @TOKEN@
    image: {{ entrypoint: [/file] }}
"
        )
    };
    let project = Project::new(&stagefile("one"));
    let printed = project.build().option("--call=lock").succeed();
    let lock = lock_of(printed.text()).to_owned();
    project.write("Stagefile.lock", &lock);
    let required = || project.build().build_arg("STAGEFILE_LOCK", "require");

    // The first time, its files are fetched, as pinned; the tag is no longer looked up.
    let before = manifests(&server).len();
    let first = required().succeed();
    first.assert_shows(&format!("from {base}@sha256:"));
    first.assert_hides("unpinned-source");
    let asked = manifests(&server).split_off(before);
    assert!(
        asked
            .iter()
            .all(|one| one.contains("@sha256:") || one.contains("/sha256:")),
        "{asked:?}"
    );

    // After that, no registry is asked, although something else in the build is new.
    project.write_stagefile(&stagefile("two"));
    let before = server.requests().len();
    let second = required().files();
    assert!(
        second.text("last").starts_with("two"),
        "{}",
        second.text("last")
    );
    let asked = server.requests().split_off(before);
    assert!(asked.iter().all(|one| !one.contains("/v2/")), "{asked:?}");
    // The client's log shows a build that would have asked.
    let before = manifests(&server).len();
    let without = || project.build().build_arg("STAGEFILE_LOCK", "off");
    let _ = without().option("--pull").succeed();
    assert!(manifests(&server).len() > before);

    // A tag that moves changes nothing until the lock is updated.
    let moved = server.push("base", "1", &image("new"));
    assert_eq!(moved, base);
    let files = required().option("--pull").files();
    assert!(files.text("file").starts_with("old"));
    let files = without().option("--pull").files();
    assert!(files.text("file").starts_with("new"));
    let check = project.build().option("--call=lock check").fail();
    check.assert_shows(&format!("moved   {base}"));
    let update = format!("--call=lock update {base}");
    let updated = project.build().option(update).succeed();
    assert_ne!(lock_of(updated.text()), lock);
    project.write("Stagefile.lock", lock_of(updated.text()));
    let _ = project.build().option("--call=lock check").succeed();
    assert!(required().files().text("file").starts_with("new"));
}

#[test]
fn a_dockerfile_has_a_lock_too() {
    let server = WebServer::start();
    let base = server.push("base", "1", &image("old"));
    let project = Project::new("\nstages: {}\n");
    let syntax = stagefile_tests::frontend();
    let dockerfile = format!("# syntax={syntax}\nFROM {base}\nCOPY Stagefile /\n");
    project.write("Stagefile", &dockerfile);
    let printed = project.build().option("--call=lock").succeed();
    project.write("Stagefile.lock", lock_of(printed.text()));
    let _ = server.push("base", "1", &image("new"));
    let files = project.build().build_arg("STAGEFILE_LOCK", "require");
    let files = files.option("--pull").files();
    assert!(files.text("file").starts_with("old"));
    let gone = "images:\n  BASE: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n";
    project.write("Stagefile.lock", &gone.replace("BASE", &base));
    let failed = project.build().fail();
    failed.assert_shows("isn't available as it is pinned here");
    failed.assert_shows("Stagefile.lock:2:");
}
