//! Tests of which builds share a cache, and which don't.

use std::process::Command;

use stagefile_tests::Project;

/// Returns a Stagefile that writes a mark into its cache, after showing what is there. The script contains this name,
/// since the ID of a cache isn't part of a step's cache key.
fn stagefile(name: &str, mark: &str, per: &str) -> String {
    format!(
        "
caches:
  kept-{name}: {{ target: /kept{per} }}
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ': {name}; ls /kept > /seen; touch /kept/{mark}'
        caches: kept-{name}
"
    )
}

/// Turns a project's folder into a checkout of a repository.
fn clone_of(project: &Project, remote: &str) {
    for arguments in [
        &["init", "--quiet"][..],
        &["remote", "add", "origin", remote],
    ] {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(project.path())
            .status()
            .expect("git can be run");
        assert!(status.success(), "git {arguments:?}");
    }
}

#[test]
fn checkouts_of_a_repository_share_and_other_repositories_do_not() {
    let first = Project::new(&stagefile("@TOKEN@", "first", ""));
    let name = first.token().to_owned();
    clone_of(&first, "https://example.com/one/app.git");
    assert_eq!(first.build().files().text("seen"), "");

    let checkout = Project::new(&stagefile(&name, "checkout", ""));
    clone_of(&checkout, "git@example.com:one/app.git");
    assert_eq!(checkout.build().files().text("seen"), "first\n");

    let other = Project::new(&stagefile(&name, "other", ""));
    clone_of(&other, "https://example.com/two/app.git");
    assert_eq!(other.build().files().text("seen"), "");
}

#[test]
fn without_a_repository_the_stages_tell_projects_apart() {
    let first = Project::new(&stagefile("@TOKEN@", "first", ""));
    let name = first.token().to_owned();
    assert_eq!(first.build().files().text("seen"), "");
    let other = stagefile(&name, "other", "").replace("  app:", "  server:");
    assert_eq!(Project::new(&other).build().files().text("seen"), "");
    let same = Project::new(&stagefile(&name, "same", ""));
    assert_eq!(same.build().files().text("seen"), "first\n");
}

#[test]
fn a_cache_of_the_daemon_is_shared_by_projects() {
    let first = Project::new(&stagefile("@TOKEN@", "first", ", per: daemon"));
    let name = first.token().to_owned();
    clone_of(&first, "https://example.com/one/app.git");
    assert_eq!(first.build().files().text("seen"), "");
    let other = Project::new(&stagefile(&name, "other", ", per: daemon"));
    clone_of(&other, "https://example.com/two/app.git");
    assert_eq!(other.build().files().text("seen"), "first\n");
}

#[test]
fn a_namespace_and_per_divide_caches() {
    let project = Project::new(
        r#"
args: { VALUE: one }
caches:
  by-stage-@TOKEN@: { target: /stage, per: stage }
  by-value-@TOKEN@: { target: /value, per: "${{ args.VALUE }}" }
defaults:
  caches: [by-stage-@TOKEN@, by-value-@TOKEN@]
stages:
  first:
    from: busybox:1.35
    steps:
      - run: touch /stage/first /value/${{ args.VALUE }}
        always: true
  app:
    from: first
    steps:
      - run: ls /stage /value > /seen
        always: true
"#,
    );
    let seen = |build: stagefile_tests::Build| build.files().text("seen").to_owned();
    assert_eq!(seen(project.build()), "/stage:\n\n/value:\none\n");
    let two = project.build().build_arg("VALUE", "two");
    assert_eq!(seen(two), "/stage:\n\n/value:\ntwo\n");
    let one = project
        .build()
        .build_arg("BUILDKIT_CACHE_MOUNT_NS", project.token());
    assert_eq!(
        seen(one.build_arg("VALUE", "two")),
        "/stage:\n\n/value:\ntwo\n"
    );
}

#[test]
fn a_new_cache_begins_as_files_of_a_stage() {
    let text = r#"
caches:
  begun-@TOKEN@: { target: /begun, from: seed, path: /data, uid: 1234 }
stages:
  seed:
    steps:
      - write: /data/file
        content: "@TOKEN@"
  app:
    from: busybox:1.35
    steps:
      - run: stat -c '%u %n' /begun /begun/* > /seen; echo MARK >> /begun/file; cat /begun/file >> /seen
        caches: begun-@TOKEN@
"#;
    let project = Project::new(&text.replace("MARK", "-first"));
    let token = project.token().to_owned();
    let start = "1234 /begun\n1234 /begun/file\n";
    let files = project.build().files();
    assert_eq!(files.text("seen"), format!("{start}{token}-first\n"));
    project.write_stagefile(&text.replace("MARK", "-second"));
    let files = project.build().files();
    assert_eq!(
        files.text("seen"),
        format!("{start}{token}-first\n-second\n")
    );
}
