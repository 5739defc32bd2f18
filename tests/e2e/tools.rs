//! Tests of tools that draw or print what a build would do, run by a daemon.

use std::fs;

use stagefile_tests::{Docker, Project};

const STAGEFILE: &str = "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
  app:
    from: busybox:1.35
    requires: [test]
    steps:
      - run: echo app @TOKEN@
";

#[test]
fn graphs_pages_and_bake_files_are_made_without_building() {
    let project = Project::new(STAGEFILE);
    let lanes = project.build().option("--call=graph").succeed();
    lanes.assert_shows("steps, ");
    lanes.assert_shows("requires test");
    lanes.assert_no_step("echo app");
    let dot = project.build().option("--call=graph dot").succeed();
    dot.assert_shows("digraph");

    let files = project.build().target("@graph").files();
    let names: Vec<&str> = files.paths().collect();
    assert_eq!(names, ["graph.html"]);
    assert!(files.text("graph.html").contains("requires test"));

    let bake = project.build().option("--call=bake").succeed();
    let from = bake.text().find("group \"default\"").expect("a bake file");
    let path = project.path().join("bake.hcl");
    fs::write(&path, &bake.text()[from..]).expect("a working machine");
    let path = path.to_string_lossy().into_owned();
    let read = Docker::connect().output(&[
        "buildx", "bake", "--print", "--file", &path, "test", "default",
    ]);
    for part in [
        "\"target\": \"test\"",
        "\"target\": \"app\"",
        "\"dockerfile\": \"Stagefile\"",
    ] {
        assert!(read.contains(part), "{read}");
    }
}

#[test]
fn a_build_is_summed_up_for_who_asks() {
    let project = Project::new(STAGEFILE);
    let outcome = project
        .build()
        .build_arg("STAGEFILE_SUMMARY", "on")
        .succeed();
    outcome.assert_shows("passed: test; not pinned: busybox:1.35");
    let outcome = project.build().succeed();
    outcome.assert_hides("passed: test");
}

#[test]
fn layers_are_looked_at_before_there_is_an_image() {
    let stagefile = "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: mkdir /x && echo @TOKEN@ > /x/a && echo 1 > /x/b
      - run: chmod 600 /x/a && rm /x/b
      - copy: c
        to: /x/a
";
    let dockerfile = "
FROM busybox:1.35
RUN mkdir /x && echo @TOKEN@ > /x/a && echo 1 > /x/b
RUN chmod 600 /x/a && rm /x/b
COPY --link c /x/a
";
    for file in [stagefile, dockerfile] {
        let project = Project::new(file).with_file("c", "@TOKEN@ again");
        let told = project.build().option("--call=layers").succeed();
        for part in [
            " in 4 layers, of which ",
            "  an image of one layer\n",
            "again though unchanged: ",
            "removed, and still in a layer below: 2 B in 1 files, such as x/b",
            "replaced, and still in a layer below: ",
            " in 1 files, such as x/a",
        ] {
            told.assert_shows(part);
        }
    }
}

#[test]
fn what_differs_from_another_version_is_why_steps_run_again() {
    let stagefile = "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: mod
        to: /
      - run: cat /mod @TOKEN@
      - copy: src
        to: /src
      - run: wc -l /src/a
";
    let dockerfile = "
FROM busybox:1.35
COPY mod /
RUN cat /mod @TOKEN@
COPY src /src
RUN wc -l /src/a
";
    for (file, flag, changed) in [
        (stagefile, "wc -l", "~ [app 3/4] copy src → /src"),
        (dockerfile, "wc -l", "~ [4/5] COPY src /src"),
    ] {
        let project = Project::new(file)
            .with_file("mod", "1")
            .with_file("src/a", "1")
            .with_file("unused", "1");
        let before = project.path().join("before");
        let copy = |path: &str, to: &str| {
            let to = before.join(to);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a working machine");
            fs::copy(project.path().join(path), to).expect("a working machine");
        };
        copy("Stagefile", "Stagefile");
        copy("mod", "mod");
        copy("mod", "src/gone");
        copy("mod", "src/a");
        let given = format!("--build-context=before={}", before.display());
        let why = || project.build().option("--call=why").option(&given);
        project.write("src/a", "2");
        let told = why().succeed();
        told.assert_shows("1 step differs; again because of that: 1; the same: ");
        told.assert_shows(changed);
        told.assert_shows("    file src/a: changed\n    file src/gone: removed\n  └ ");
        told.assert_no_step("cat /mod");

        project.write("src/a", "1");
        project.write("src/gone", "1");
        project.write_stagefile(&file.replace(flag, "wc -c"));
        let told = why().succeed();
        told.assert_shows("1 step differs; again because of that: 0; the same: ");
        told.assert_shows("`wc -l /src/a` → `wc -c /src/a`");
    }
    let outcome = Project::new(stagefile).build().option("--call=why").fail();
    outcome.assert_shows("--build-context before=../old");
}
