//! Tests of `symlink` steps.

use stagefile_tests::Project;

#[test]
fn links_are_made_as_written() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
      - write: file
        content: '@TOKEN@'
      - symlink: relative
        target: file
      - symlink: /bin/absolute
        target: /app/file
        owner: 1000:2000
      - run: cat relative /bin/absolute > read
",
    )
    .build()
    .files();
    assert_eq!(files.entry("app/relative").link.as_deref(), Some("file"));
    let absolute = files.entry("bin/absolute");
    assert_eq!(
        (absolute.link.as_deref(), absolute.owner),
        (Some("/app/file"), (1000, 2000))
    );
    assert_eq!(
        files.text("app/read").len(),
        files.text("app/file").len() * 2
    );
}
