//! Tests of caches: they persist between builds, and are never part of the image.

use stagefile_tests::Project;

#[test]
fn a_cache_keeps_its_content_across_builds_and_out_of_the_image() {
    let project = Project::new(
        "
caches:
  notes-@TOKEN@: { target: /notes-@TOKEN@ }
stages:
  app:
    from: busybox:1.35
    caches: notes-@TOKEN@
    steps:
      - run: echo first >> /notes-@TOKEN@/log; cp /notes-@TOKEN@/log /seen
",
    );
    let files = project.build().files();
    assert_eq!(files.text("seen"), "first\n");

    project.write_stagefile(
        "
caches:
  notes-@TOKEN@: { target: /notes-@TOKEN@ }
stages:
  app:
    from: busybox:1.35
    caches: notes-@TOKEN@
    steps:
      - run: echo second >> /notes-@TOKEN@/log; cp /notes-@TOKEN@/log /seen
",
    );
    let files = project.build().files();
    assert_eq!(files.text("seen"), "first\nsecond\n");
    assert!(
        !files.contains(&format!("notes-{}/log", project.token())),
        "the cache is in the image"
    );
}

#[test]
fn a_step_adds_its_own_caches_to_those_of_the_stage() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    workdir: /work
    caches: { target: /stage-cache, id: "stage-@TOKEN@" }
    steps:
      - run: touch /stage-cache/here relative/here
        caches: { target: relative, id: "step-@TOKEN@" }
      - run: cd /; find stage-cache work/relative > /found
        caches: { target: relative, id: "step-@TOKEN@" }
      - run: cd /; find stage-cache work > /found-without
"#,
    );
    let files = project.build().files();
    assert!(
        files.text("found").contains("work/relative/here"),
        "{}",
        files.text("found")
    );
    let without = files.text("found-without");
    assert!(
        without.contains("stage-cache/here") && !without.contains("relative/here"),
        "{without}"
    );
}

#[test]
fn a_cache_belongs_to_the_user_of_the_step() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo "$(id -u) $(stat -c '%u %g %a' /cache)" > /tmp/seen; touch /cache/file
        user: "1234:5678"
        caches: { target: /cache, id: "@TOKEN@", mode: 0750 }
"#,
    );
    assert_eq!(
        project.build().files().text("tmp/seen"),
        "1234 1234 5678 750\n"
    );
}

#[test]
fn caches_of_two_names_do_not_meet() {
    let project = Project::new(
        "
caches:
  one@TOKEN@: { target: /cache }
  two@TOKEN@: { target: /cache }
stages:
  first:
    from: busybox:1.35
    steps:
      - run: touch /cache/first
        caches: one@TOKEN@
  second:
    from: first
    steps:
      - run: ls /cache > /in-two
        caches: two@TOKEN@
      - run: ls /cache > /in-one
        caches: one@TOKEN@
",
    );
    let files = project.build().files();
    assert_eq!(
        (files.text("in-one"), files.text("in-two")),
        ("first\n", "")
    );
}
