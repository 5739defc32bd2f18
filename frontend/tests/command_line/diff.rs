//! `diff` of files, targets, graphs and revisions.

use std::fs;
use std::process::Command;

use crate::{TWO_STAGES, folder, stagefile};

#[test]
fn what_differs_is_said_of_files_targets_and_graphs() {
    let changed = TWO_STAGES.replace("echo base", "echo new");
    let folder = folder(&[("one", TWO_STAGES), ("two", &changed), ("source/file", "")]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    let same = run(&["diff", "one", "one"]);
    assert_eq!(
        (same.code, same.out.as_str()),
        (0, "the same: 4 steps\n"),
        "{}",
        same.err
    );
    let differing = run(&["diff", "one", "two"]);
    assert_eq!(differing.code, 1, "{}", differing.err);
    assert_eq!(
        differing.out,
        "\
1 step differs; again because of that: 1; the same: 2

~ [base 1/1] run echo new  two:5
    argument 4: `echo base` → `echo new`
  └ [app 1/1] run echo app
"
    );
    let targets = run(&[
        "diff",
        "--targets",
        "base",
        "app",
        "one",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&targets.out).expect("JSON");
    assert_eq!(json["steps"][0]["kind"], "added");
    assert_eq!(json["steps"][0]["name"], "[app 1/1] run echo app");
    // A graph saved by another program is compared with a file.
    let saved = run(&["graph", "--format", "json", "one"]).out;
    fs::write(folder.path().join("saved"), saved).expect("a working machine");
    assert_eq!(run(&["diff", "saved", "one"]).code, 0);
    assert_eq!(run(&["diff", "saved", "two"]).out.lines().count(), 5);
    for mistaken in [
        &["diff", "one"][..],
        &["diff", "one", "none"],
        &["diff", "one", "two", "--git", "a", "b"],
        &["diff", "-", "-"],
        &["diff", "-", "--targets", "base", "app"],
    ] {
        let failed = run(mistaken);
        assert_eq!(failed.code, 2, "{mistaken:?}: {}", failed.out);
        assert!(failed.err.starts_with("error: "), "{}", failed.err);
    }
}

/// The same graph as `buildctl debug dump-llb` and provenance have it: without names, or with steps instead of digests.
#[test]
fn graphs_of_other_programs_are_compared() {
    let dump = |script: &str| {
        format!(
            r#"{{"Op":{{"Op":{{"source":{{"identifier":"docker-image://docker.io/library/busybox:1.35"}}}},"platform":{{"Architecture":"amd64","OS":"linux"}},"constraints":{{}}}},"Digest":"sha256:1","OpMetadata":{{}}}}
{{"Op":{{"inputs":[{{"digest":"sha256:1"}}],"Op":{{"exec":{{"meta":{{"args":["/bin/sh","-c","{script}"],"cwd":"/"}},"mounts":[{{"dest":"/"}}]}}}},"constraints":{{}}}},"Digest":"sha256:2","OpMetadata":{{"description":{{"llb.customname":"RUN it"}}}}}}
{{"Op":{{"inputs":[{{"digest":"sha256:2"}}],"Op":null}},"Digest":"sha256:3","OpMetadata":{{}}}}
"#
        )
    };
    let provenance = |script: &str| {
        format!(
            r#"{{"buildDefinition":{{"internalParameters":{{"buildConfig":{{"llbDefinition":[
{{"id":"step0","op":{{"Op":{{"source":{{"identifier":"docker-image://docker.io/library/busybox:1.35"}}}},"platform":{{"Architecture":"amd64","OS":"linux"}}}}}},
{{"id":"step1","op":{{"Op":{{"exec":{{"meta":{{"args":["/bin/sh","-c","{script}"],"cwd":"/"}},"mounts":[{{"dest":"/"}}]}}}}}},"inputs":["step0:0"]}}]}}}}}}}}"#
        )
    };
    let (one, two) = (dump("one"), dump("two"));
    let (three, four) = (provenance("one"), provenance("two"));
    let folder = folder(&[
        ("one", &one),
        ("two", &two),
        ("three", &three),
        ("four", &four),
    ]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    for (old, new, code) in [
        ("one", "one", 0),
        ("one", "two", 1),
        ("three", "four", 1),
        ("one", "three", 0),
    ] {
        let said = run(&["diff", old, new]);
        assert_eq!(said.code, code, "{old} {new}: {}{}", said.out, said.err);
        if code == 1 {
            assert!(
                said.out.contains("argument 2: `one` → `two`"),
                "{}",
                said.out
            );
        }
    }
}

#[test]
fn a_file_is_compared_at_two_revisions_with_the_files_that_it_uses() {
    let folder = folder(&[
        ("sub/Stagefile", TWO_STAGES),
        ("sub/source/file", "1"),
        ("sub/other", "1"),
    ]);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args([
            "-c",
            "user.name=me",
            "-c",
            "user.email=me@example.com",
            "-c",
            "commit.gpgsign=false",
        ]);
        let done = git.args(arguments).current_dir(folder.path()).output();
        assert!(done.expect("git").status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=one"]);
    fs::write(folder.path().join("sub/source/file"), "2").expect("a working machine");
    fs::write(folder.path().join("sub/other"), "2").expect("a working machine");
    git(&["commit", "--quiet", "--all", "--message=two"]);
    let sub = folder.path().join("sub");
    let run = |arguments: &[&str]| stagefile(&sub, arguments, "");
    let said = run(&["diff", "--git", "HEAD~1", "HEAD", "Stagefile"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(
        said.out,
        "\
1 step differs; again because of that: 1; the same: 2

~ [base 1/1] run echo base  Stagefile:5
    file source/file: changed
  └ [app 1/1] run echo app
"
    );
    assert_eq!(run(&["diff", "--git", "HEAD", "HEAD", "."]).code, 0);
    // The revisions are found however the file and the context are named.
    let whole = sub.join("Stagefile");
    let (whole, here) = (whole.display().to_string(), sub.display().to_string());
    for arguments in [
        &[whole.as_str()][..],
        &[here.as_str()],
        &["../sub/Stagefile"],
        &["Stagefile", "--context", &here],
    ] {
        let arguments = [&["diff", "--git", "HEAD~1", "HEAD"], arguments].concat();
        let same = run(&arguments);
        assert_eq!(same.code, 1, "{arguments:?}: {}{}", same.out, same.err);
        assert!(
            same.out.contains("file source/file: changed"),
            "{}",
            same.out
        );
        assert!(!same.out.contains("/tree/"), "{}", same.out);
    }
    let above = stagefile(
        folder.path(),
        &["diff", "--git", "HEAD~1", "HEAD", "sub"],
        "",
    );
    assert_eq!(above.code, 1, "{}{}", above.out, above.err);
    for (arguments, expected) in [
        (&["-"][..], "standard input"),
        (&["/etc/hosts"], "isn't in the repository"),
        (&["../../Stagefile"], "isn't in the repository"),
    ] {
        let arguments = [&["diff", "--git", "HEAD~1", "HEAD"], arguments].concat();
        let failed = run(&arguments);
        assert_eq!(failed.code, 2, "{arguments:?}: {}", failed.out);
        assert!(failed.err.contains(expected), "{}", failed.err);
    }
    let outside = [
        "diff",
        "--git",
        "HEAD~1",
        "HEAD",
        "Stagefile",
        "--context",
        "/",
    ];
    assert_eq!(run(&outside).code, 2);
    let failed = run(&["diff", "--git", "HEAD", "gone", "Stagefile"]);
    assert_eq!(failed.code, 2, "{}", failed.out);
    assert!(failed.err.contains("bad revision 'gone'"), "{}", failed.err);
}
