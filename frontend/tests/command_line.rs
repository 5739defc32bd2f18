//! The command line on Dockerfiles: the same verbs, forms and statuses as on Stagefiles.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a working machine");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a working machine")).expect("a working machine");
        fs::write(path, text).expect("a working machine");
    }
    folder
}

fn stagefile(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stagefile"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a working machine");
    // One that doesn't read it is done before.
    _ = child
        .stdin
        .take()
        .expect("a working machine")
        .write_all(input.as_bytes());
    let output = child.wait_with_output().expect("a working machine");
    Said {
        code: output.status.code().expect("a working machine"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

const GOOD: &str = "\
# VERSION what is built
ARG VERSION=1
FROM golang:${VERSION} AS build
RUN --mount=type=secret,id=token,required go build -o /server .
# app what is shipped
FROM scratch AS app
COPY --from=build /server /server
";

const BAD: &str = "FROM alpine as x\nCOPPY . /\nSTOPSIGNAL NO\n";

#[test]
fn check_reports_all_mistakes_of_a_dockerfile_with_the_status_of_stagefiles() {
    let folder = folder(&[
        ("Dockerfile", BAD),
        ("good/Dockerfile", GOOD),
        ("warned.Dockerfile", "FROM alpine as x\n"),
    ]);
    let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
    assert_eq!(said.code, 1, "{}", said.err);
    insta::assert_snapshot!("check", said.out);
    // The directory that has no Stagefile; it is the context, too.
    assert_eq!(stagefile(folder.path(), &["check"], "").out, said.out);
    let good = stagefile(folder.path(), &["check", "good"], "");
    assert_eq!(
        (good.code, good.out.as_str()),
        (0, "good/Dockerfile: no problems\n")
    );
    let warned = stagefile(folder.path(), &["check", "warned.Dockerfile"], "");
    assert_eq!(warned.code, 0);
    assert!(
        warned.out.contains("warning[FromAsCasing]"),
        "{}",
        warned.out
    );
    let input = stagefile(folder.path(), &["check", "-"], BAD);
    assert_eq!(
        (input.code, input.out),
        (1, said.out.replace("Dockerfile:", "-:"))
    );
    let json = stagefile(
        folder.path(),
        &["check", "--format", "json", "Dockerfile"],
        "",
    );
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["warnings"][0]["ruleName"], "FromAsCasing");
    assert_eq!(
        json["buildError"]["location"]["ranges"][0]["start"]["line"],
        2
    );
    assert_eq!(json["sources"][0]["language"], "Dockerfile");
}

#[test]
fn a_stagefile_goes_before_a_dockerfile() {
    let folder = folder(&[
        ("Dockerfile", BAD),
        ("Stagefile", "stages: { app: { from: scratch } }\n"),
    ]);
    let said = stagefile(folder.path(), &["check"], "");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "Stagefile: no problems\n")
    );
    let empty = tempfile::tempdir().unwrap();
    let said = stagefile(empty.path(), &["check"], "");
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("neither a Stagefile nor a Dockerfile"),
        "{}",
        said.err
    );
}

#[test]
fn the_other_verbs_take_dockerfiles_with_arguments_target_and_platform() {
    let folder = folder(&[
        ("Dockerfile", GOOD),
        (
            "golang.json",
            r#"{"os":"linux","architecture":"amd64","config":{"Env":["FROM_BASE=1"],"WorkingDir":"/go"},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#,
        ),
    ]);
    let run = |arguments: &[&str]| {
        let said = stagefile(folder.path(), arguments, "");
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        said
    };
    insta::assert_snapshot!("targets", run(&["targets"]).out);
    let outline = run(&["outline", "--build-arg", "VERSION=2", "Dockerfile"]);
    insta::assert_snapshot!("outline", outline.out);
    let json = run(&["outline", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["secrets"][0]["name"], "token");
    let llb = run(&[
        "llb",
        "--format",
        "text",
        "--platform",
        "linux/arm64",
        "--build-arg",
        "VERSION=1.22",
    ]);
    assert!(
        llb.err
            .contains("the config of golang:1.22 is not known here"),
        "{}",
        llb.err
    );
    insta::assert_snapshot!("llb", llb.out);
    let known = run(&[
        "llb",
        "--format",
        "json",
        "--target",
        "build",
        "--platform",
        "linux/amd64",
        "--image-config",
        "golang:1=golang.json",
    ]);
    assert_eq!(known.err, "");
    assert!(
        known.out.contains("FROM_BASE=1") && !known.out.contains("/server /server"),
        "{}",
        known.out
    );
    let graph = run(&["graph", "--format", "mermaid"]).out;
    assert!(
        graph.starts_with("flowchart LR\n") && graph.contains("-->"),
        "{graph}"
    );
    let lanes = run(&[
        "graph",
        "--platform",
        "linux/arm64",
        "--build-arg",
        "VERSION=1.22",
    ]);
    assert_eq!(
        lanes.out,
        "\
Dockerfile, linux/arm64: 3 steps, 3 one after another, up to 1 at the same time

●  [build 1/2] FROM docker.io/library/golang:1.22
●  [build 2/2] RUN --mount=type=secret,id=token,required go build -o /server . (secret token)
●  [app 1/1] COPY --from=build /server /server
"
    );
    let proto = Command::new(env!("CARGO_BIN_EXE_stagefile"))
        .arg("llb")
        .current_dir(folder.path())
        .output()
        .unwrap();
    buildkit_llb::Definition::from_bytes(proto.stdout).unwrap();

    let said = stagefile(
        folder.path(),
        &["llb", "--format", "text", "--target", "biuld"],
        "",
    );
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .contains("target stage \"biuld\" could not be found (did you mean build?)"),
        "{}",
        said.err
    );
}

#[test]
fn files_for_other_frontends_are_not_read_as_dockerfiles() {
    let folder = folder(&[("Dockerfile", "# syntax=someone/other:1\nFROM x\n")]);
    let said = stagefile(folder.path(), &["check"], "");
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("is for the frontend someone/other:1"),
        "{}",
        said.err
    );
}

#[test]
fn check_fix_writes_the_file_and_says_what_it_did() {
    let folder = folder(&[
        ("Dockerfile", BAD),
        ("Stagefile.dev", "stages:\n  app:\n    form: scratch\n"),
    ]);
    let said = stagefile(folder.path(), &["check", "--fix", "Dockerfile"], "");
    // What can't be corrected is left, and is an error.
    assert_eq!(said.code, 1);
    insta::assert_snapshot!("check-fix", said.out);
    let written = || fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert_eq!(written(), "FROM alpine AS x\nCOPY . /\nSTOPSIGNAL NO\n");
    let again = stagefile(folder.path(), &["check", "--fix", "Dockerfile"], "");
    assert!(!again.out.contains("is now"), "{}", again.out);
    let said = stagefile(folder.path(), &["check", "--fix", "Stagefile.dev"], "");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "Stagefile.dev:3:5: `form` is now `from` (unknown-key)\n")
    );
    let piped = stagefile(
        folder.path(),
        &["check", "--fix", "-"],
        "from alpine\nRUN x\nRUN y\n",
    );
    assert_eq!(
        (piped.code, piped.out.as_str()),
        (0, "FROM alpine\nRUN x\nRUN y\n")
    );
    assert!(piped.err.contains("`from` is now `FROM`"), "{}", piped.err);
}

/// A Dockerfile that a stage starts from is checked and compiled with the Stagefile, as far as it can be read.
#[test]
fn dockerfiles_that_stages_start_from_are_checked_and_compiled_too() {
    let text = "stages:\n  app:\n    from: { dockerfile: sub/Dockerfile, target: a, args: { WORD: given } }\n    steps: [{ run: make }]\n";
    let folder = folder(&[
        ("Stagefile", text),
        (
            "sub/Dockerfile",
            "FROM alpine as a\nARG WORD\nRUN echo \"$WORD\"\nWORKDIR /x-$WORD\n",
        ),
    ]);
    let said = stagefile(folder.path(), &["check"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!("check-part", said.out);
    let said = stagefile(
        folder.path(),
        &["llb", "--format", "text", "--platform", "linux/amd64"],
        "",
    );
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!("llb-part", said.out);
    let secret = "FROM alpine AS a\nRUN --mount=type=secret,id=key,required=true x\n";
    fs::write(folder.path().join("sub/Dockerfile"), secret).unwrap();
    let said = stagefile(folder.path(), &["outline"], "");
    assert!(
        said.out.ends_with("SECRET   REQUIRED\nkey      true\n"),
        "{}",
        said.out
    );
    fs::write(folder.path().join("sub/Dockerfile"), "FROM alpine\nRNU x\n").unwrap();
    for verb in ["check", "llb"] {
        let said = stagefile(folder.path(), &[verb], "");
        assert_eq!(said.code, 1);
        let text = said.out + &said.err;
        assert!(text.contains("--> sub/Dockerfile:2:1"), "{text}");
        assert!(text.contains("::: Stagefile:3:25"), "{text}");
    }
}

/// Comments may be in any encoding, as for Docker; what isn't UTF-8 is not written.
#[test]
fn other_encodings_are_read_but_not_written() {
    let folder = folder(&[]);
    let bytes = b"# \xe9t\xe9\nfrom alpine\nRUN x\nRUN y\n";
    fs::write(folder.path().join("Dockerfile"), bytes).unwrap();
    assert_eq!(stagefile(folder.path(), &["check"], "").code, 0);
    let said = stagefile(folder.path(), &["check", "--fix"], "");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("isn't UTF-8"), "{}", said.err);
    assert_eq!(fs::read(folder.path().join("Dockerfile")).unwrap(), bytes);
}

/// A hostile file takes time and text in proportion to its size.
#[test]
fn large_files_are_checked_in_time() {
    let many = |line: &str| format!("FROM alpine\n{}", line.repeat(100_000 / line.len()));
    for (what, text) in [
        ("mistakes", many("COPPY x\n")),
        ("findings", many("ENV a $b\n")),
        ("signals", many("STOPSIGNAL NO\n")),
        ("maintainers", many("MAINTAINER x\n")),
        ("stages", many("FROM alpine AS a\n")),
        (
            "continuations",
            format!("FROM alpine\nENV a={}", "$b\\\n".repeat(20_000)),
        ),
        (
            "empty lines",
            format!("FROM alpine\nRUN x\\\n{}", "\n".repeat(100_000)),
        ),
        (
            "one line",
            format!("FROM alpine\nLABEL a={}\n", "$x".repeat(30_000)),
        ),
        (
            "words",
            format!("FROM alpine\nLABEL {}\n", "$a=\"$b\" ".repeat(8_000)),
        ),
    ] {
        let folder = folder(&[("Dockerfile", text.as_str())]);
        let start = std::time::Instant::now();
        let said = stagefile(folder.path(), &["check", "--fix", "-"], &text);
        assert!(said.code == 0 || said.code == 1, "{what}: {}", said.code);
        assert!(
            start.elapsed().as_secs() < 60,
            "{what}: {:?}",
            start.elapsed()
        );
    }
}

/// A few instructions can stand for more than any memory holds.
#[test]
fn what_instructions_repeat_is_limited() {
    for line in ["EXPOSE 1-65535\n", "WORKDIR abcdefghij\n"] {
        let text = format!("FROM alpine\n{}", line.repeat(10_000));
        let folder = folder(&[("Dockerfile", text.as_str())]);
        let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
        assert_eq!(said.code, 1, "{line}");
        let limit = "the instructions are larger than 16 MiB together";
        assert_eq!(said.out.matches(limit).count(), 1, "{line}: {}", said.out);
    }
    let variables: Vec<String> = (0..3_000)
        .map(|number| format!("ENV VARIABLE_{number}=x\n"))
        .collect();
    let variables = variables.concat();
    let text = format!("FROM alpine\n{variables}{}", "RUN true\n".repeat(3_000));
    let folder = folder(&[("Dockerfile", text.as_str())]);
    let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
    assert_eq!(said.code, 1);
    let limit = "the variables that all processes are given are larger than 64 MiB together";
    assert_eq!(said.out.matches(limit).count(), 1, "{}", said.out);
}

/// Paths of the build context are looked for on disk, as those of Stagefiles are.
#[test]
fn check_looks_for_the_paths_of_a_dockerfile_in_the_context() {
    let dockerfile = "\
ARG DIR=srcs
FROM alpine AS build
ARG DIR
COPY dist/app.js srcs/main.c *.none $DIR/x /x/
ADD https://example.com/x ./srd/ /y/
RUN --mount=source=main.d,target=/main.c --mount=from=busybox,source=z,target=/z cc $DIR
FROM scratch
ARG DIR
COPY --parents $DIR/main.c src/./main.h /
COPY --from=build none /
COPY <<EOF . /x/
EOF
";
    let folder = folder(&[
        ("Dockerfile", dockerfile),
        (".dockerignore", "# made\ndist\n"),
        ("dist/app.js", ""),
        ("src/main.c", ""),
        ("main.c", ""),
        ("none/Dockerfile", dockerfile),
    ]);
    let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
    assert_eq!(said.code, 1, "{}", said.err);
    insta::assert_snapshot!("paths", said.out);
    let input = stagefile(folder.path(), &["check", "-"], dockerfile);
    assert_eq!(input.out, said.out.replace("Dockerfile:", "-:"));
    // A directory that has nothing of it is the context only if somebody says so.
    let none = folder.path().join("none");
    let said = stagefile(&none, &["check", "Dockerfile"], "");
    assert_eq!(said.out, "Dockerfile: no problems\n");
    let said = stagefile(&none, &["check", "Dockerfile", "--context", "."], "");
    assert_eq!(
        (said.code, said.out.matches("warning[missing-path]").count()),
        (0, 6),
        "{}",
        said.out
    );
    // With mistakes, variables may not be what they will be.
    let mistaken = format!("{dockerfile}COPPY a b\n");
    fs::write(none.join("Dockerfile"), mistaken).expect("a working machine");
    let said = stagefile(&none, &["check", "Dockerfile", "--context", "."], "");
    assert!(!said.out.contains("missing-path"), "{}", said.out);
}

#[test]
fn check_explains_a_heredoc_that_nothing_ends() {
    for (opening, end, words) in [
        ("<<EOF", "  EOF", "there are blanks before it"),
        (
            "<<EOF",
            "\tEOF",
            "there are tabs before it, which only `<<-` drops",
        ),
        (
            "<<-EOF",
            "\t EOF",
            "`<<-` drops tabs before it, but no other blanks",
        ),
        ("<<-'EOF'", "\tEOF \r", "there are blanks after it"),
        ("<<EOF", "EOF\t", "there are blanks after it"),
    ] {
        let text = format!("FROM alpine\nRUN a && \\\n  sh {opening}\necho\n{end}\nCMD x\n");
        let folder = folder(&[("Dockerfile", text.as_str())]);
        let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
        let first = "error[invalid-dockerfile]: unterminated heredoc\n --> Dockerfile:3:6\n";
        assert!(said.out.starts_with(first), "{end:?}: {}", said.out);
        for words in [words, "5 | ", "nothing but `EOF`"] {
            assert!(said.out.contains(words), "{words}: {}", said.out);
        }
    }
    let text = "FROM alpine\nRUN <<A <<-B\nA\necho\nBB\n";
    let folder = folder(&[("Dockerfile", text)]);
    let said = stagefile(folder.path(), &["check", "Dockerfile"], "");
    insta::assert_snapshot!("heredoc", said.out);
}

#[test]
fn convert_shows_what_has_no_counterpart_at_its_place() {
    let text = "FROM a\nARG NAME\nENV X=${NAME%%.*}\nRUN --mount=type=secret,id=$NAME true\n";
    let folder = folder(&[("Dockerfile", text)]);
    let said = stagefile(folder.path(), &["convert"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    for part in [
        "2 errors in Dockerfile",
        "error[invalid-dockerfile]: `${NAME%%.*}` has no counterpart",
        " --> Dockerfile:3:7",
        "3 | ENV X=${NAME%%.*}",
        " --> Dockerfile:4:",
    ] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    // A mistake of the Dockerfile's own looks the same.
    let said = stagefile(folder.path(), &["convert", "-"], BAD);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("2 | COPPY . /"), "{}", said.err);
}

#[test]
fn a_lock_is_compared_with_its_file() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let stagefile_text = "stages:\n  part: { from: { dockerfile: sub/Dockerfile } }\n  app:\n    from: busybox:1\n    \
                          steps: [{ fetch: 'https://example.com/x' }]\n";
    let dockerfile =
        "FROM alpine\nADD https://example.com/x /\nADD https://example.com/y.git#v1 /y/\n";
    let folder = folder(&[
        ("Stagefile", stagefile_text),
        ("sub/Dockerfile", dockerfile),
    ]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    let said = run(&["lock", "--check"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    for name in [
        "busybox:1",
        "alpine:latest",
        "https://example.com/x",
        "https://example.com/y.git#v1",
    ] {
        assert!(
            said.out.contains(&format!("missing   {name}")),
            "{}",
            said.out
        );
    }
    assert_eq!(run(&["lock"]).code, 0);
    let commit = "0".repeat(40);
    let lock = format!(
        "images:\n  busybox:1: {digest}\n  alpine: {digest}\nhttp:\n  https://example.com/x: {digest}\n\
         git:\n  https://example.com/y.git#v1: {commit}\n"
    );
    fs::write(folder.path().join("Stagefile.lock"), &lock).expect("a working machine");
    let said = run(&["lock", "--check"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "Stagefile.lock is up to date: 4 names\n")
    );
    let json = run(&["lock", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["names"][0]["name"], "alpine:latest");

    // Dockerfiles have locks of their own.
    fs::write(folder.path().join("sub/Dockerfile.lock"), &lock).expect("a working machine");
    let said = run(&["lock", "--check", "sub/Dockerfile"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("unused   busybox:1"), "{}", said.out);

    fs::write(
        folder.path().join("Stagefile.lock"),
        "images: { 'busybox:1': latest }",
    )
    .expect("a working machine");
    let said = run(&["lock"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("error[invalid-lock]"), "{}", said.err);
    assert!(said.err.contains("Stagefile.lock:1:24"), "{}", said.err);
}

#[test]
fn fmt_writes_files_in_the_one_layout() {
    let loose = "\u{feff}stages:\r\n    app:   {from: busybox}  # why\r\n";
    let folder = folder(&[
        ("Stagefile", loose),
        ("good", "stages: {}\n"),
        ("bad", "a: ["),
        ("d", GOOD),
    ]);
    let run = |arguments: &[&str], input: &str| stagefile(folder.path(), arguments, input);
    let said = run(&["fmt", "--check", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (1, "Stagefile\n"));
    let said = run(&["fmt", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (0, "Stagefile\n"));
    let written = fs::read_to_string(folder.path().join("Stagefile")).expect("a working machine");
    assert_eq!(
        written,
        "\u{feff}stages:\n  app: { from: busybox }  # why\n"
    );
    let said = run(&["fmt", "--check", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    let said = run(&["fmt", "-"], "a:   1");
    assert_eq!((said.code, said.out.as_str()), (0, "a: 1\n"));
    // One that can't be laid out keeps none of the others from it.
    let said = run(&["fmt", "bad", "d", "good"], "");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("bad is left as it is"), "{}", said.err);
    assert!(said.err.contains("d is a Dockerfile"), "{}", said.err);
    assert_eq!(
        fs::read_to_string(folder.path().join("bad")).expect("a working machine"),
        "a: ["
    );
}

const TWO_STAGES: &str = "\
stages:
  base:
    from: busybox:1.35
    steps:
      - { run: echo base, bind: source }
  app:
    from: base
    steps:
      - run: echo app
";

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
    // What another program has saved is compared with a file.
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

/// As `buildctl debug dump-llb` and provenances have the same graph: without names, or with steps in place of digests.
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
    // All ways to name the file and the context lead to the revisions.
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

#[test]
fn the_other_tools_answer_without_a_daemon() {
    let folder = folder(&[
        ("in/Stagefile", TWO_STAGES),
        ("in/source/file", ""),
        ("Dockerfile", GOOD),
    ]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    let bake = run(&["bake", "in", "--platform", "linux/arm64"]).out;
    assert!(
        bake.contains(
            "  context = \"in\"\n  dockerfile = \"Stagefile\"\n  platforms = [\"linux/arm64\"]\n"
        ),
        "{bake}"
    );
    let bake = run(&["bake", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&bake).expect("JSON");
    assert_eq!(
        json["target"]["app"]["description"], "what is shipped",
        "{bake}"
    );
    // A file outside the context is named so that bake finds it.
    let bake = run(&["bake", "Dockerfile", "--context", "in"]).out;
    let outside = folder.path().canonicalize().expect("a working machine");
    let outside = outside.join("Dockerfile").display().to_string();
    assert!(
        bake.contains(&format!("dockerfile = \"{outside}\"")),
        "{bake}"
    );
    let bake = run(&["bake", "./in/../in/Stagefile", "--context", "in"]).out;
    assert!(bake.contains("dockerfile = \"Stagefile\""), "{bake}");
    let failed = stagefile(folder.path(), &["bake", "-"], TWO_STAGES);
    assert!(failed.err.contains("standard input"), "{}", failed.err);
    let page = run(&["graph", "--format", "html"]).out;
    assert!(
        page.starts_with("<!doctype html>") && page.contains("<title>Dockerfile, linux/"),
        "{page}"
    );
    let caches = run(&["caches", "in", "--format", "json"]).out;
    assert!(caches.contains("\"caches\""), "{caches}");
    assert_eq!(run(&["caches"]).code, 1);
    let version = run(&["version"]).out;
    assert!(version.starts_with("stagefile "), "{version}");
}

#[test]
fn shells_complete_verbs_options_and_values() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish"] {
        let script = stagefile(folder.path(), &["completions", shell], "").out;
        for word in ["graph", "mermaid", "diff"] {
            assert!(script.contains(word), "{shell}: {script}");
        }
        fs::write(folder.path().join(shell), script).expect("a working machine");
    }
    let complete = |words: &str, at: usize| {
        let script = format!(
            "source ./bash; COMP_WORDS=({words}); COMP_CWORD={at}; _stagefile; echo \"${{COMPREPLY[*]}}\""
        );
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output();
        String::from_utf8(output.expect("bash").stdout).expect("text")
    };
    assert_eq!(complete("stagefile gr", 1), "graph\n");
    assert_eq!(complete("stagefile graph --format m", 3), "mermaid\n");
    assert_eq!(complete("stagefile completions f", 2), "fish\n");
    assert_eq!(complete("stagefile diff --ta", 2), "--targets --target\n");
    assert_eq!(complete("stagefile graph --format = m", 4), "mermaid\n");
    // Files are the shell's.
    assert_eq!(complete("stagefile graph ''", 2), "\n");
    assert_eq!(complete("stagefile graph --context ''", 3), "\n");
}

/// Where it is installed.
#[test]
fn fish_completes_what_bash_does() {
    let folder = folder(&[("Stagefile", "")]);
    let script = stagefile(folder.path(), &["completions", "fish"], "").out;
    fs::write(folder.path().join("fish"), script).expect("a working machine");
    let complete = |line: &str| {
        let output = Command::new("fish")
            .args(["-c", &format!("source ./fish; complete -C '{line}'")])
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .output();
        let lines = String::from_utf8(output.ok()?.stdout).expect("text");
        let words = lines.lines().filter_map(|line| line.split('\t').next());
        Some(words.map(str::to_owned).collect::<Vec<_>>())
    };
    for (line, expected) in [
        ("stagefile gr", &["graph"][..]),
        ("stagefile graph --format m", &["mermaid"]),
        ("stagefile completions ", &["bash", "fish", "zsh"]),
        ("stagefile check St", &["Stagefile"]),
    ] {
        let Some(words) = complete(line) else {
            return;
        };
        assert_eq!(words, expected, "{line}");
    }
    let verbs = complete("stagefile ").unwrap_or_default();
    assert!(!verbs.contains(&"Stagefile".to_owned()), "{verbs:?}");
}
