//! `check`: mistakes and warnings of Dockerfiles, including those that stages start from, and what `--fix` corrects.

use std::fs;

use crate::{BAD, GOOD, folder, stagefile};

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
    // A directory without a Stagefile; it is also the context.
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
    // What can't be corrected stays, and is an error.
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

/// Comments may be in any encoding, as in Docker, but files that aren't UTF-8 aren't written.
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
    // A directory that has none of the paths is only the context if it is given explicitly.
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
    // In a file with mistakes, the values of variables aren't reliable.
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
