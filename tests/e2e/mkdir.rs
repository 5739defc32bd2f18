//! Tests of `mkdir` steps.

use stagefile_tests::Project;

#[test]
fn directories_are_made_with_parents_owner_and_mode() {
    let files = Project::new(
        r"
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
      - mkdir: [one, deep/er]
      - mkdir: /data
        owner: 1000:2000
        mode: 0700
      - mkdir: /named
        owner: nobody
",
    )
    .build()
    .files();
    assert!(files.entry("app/one").directory && files.entry("app/deep/er").directory);
    assert_eq!(
        (files.entry("data").owner, files.entry("data").mode),
        ((1000, 2000), 0o700)
    );
    assert_eq!(files.entry("named").owner.0, 65534);
    assert_eq!(files.entry("app/one").mode, 0o755);
}
