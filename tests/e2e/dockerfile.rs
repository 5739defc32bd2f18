//! Tests of Dockerfiles that this frontend builds.

use stagefile_tests::{Outcome, Project, frontend};

/// A file with most kinds of instructions.
const FILE: &str = r#"ARG BASE=busybox:1.35
FROM ${BASE} AS build
ARG VERSION=1
ENV MADE_BY="@TOKEN@" VERSION=${VERSION:-none}
WORKDIR /made
COPY --chmod=0640 src/ ./src/
ADD --chown=1:2 archive.txt /added/
RUN --mount=type=cache,target=/cache --mount=type=bind,source=src,target=/bound \
    cat /bound/a > both && echo "$MADE_BY" >> both
RUN <<EOF
echo "heredoc $VERSION" > /made/heredoc
EOF
COPY <<"X" <<Y /inline/
not $VERSION
X
is $VERSION
Y
FROM scratch
COPY --link --from=build /made/both /both
COPY --from=build /made/heredoc /inline/ /files/
LABEL made.by="@TOKEN@"
USER 1000
ENTRYPOINT ["/both"]
"#;

fn project() -> Project {
    Project::new("")
        .with_file("src/a", "content\n")
        .with_file("archive.txt", "no archive\n")
        .with_file(".dockerignore", "Stagefile\n.dockerignore\n")
}

fn ours() -> String {
    format!("# syntax={}\n{FILE}", frontend())
}

/// Asserts that nothing in the file ran again.
fn assert_all_cached(outcome: &Outcome) {
    let mut count = 0;
    for step in outcome.steps() {
        let is_of_the_file = ["RUN ", "COPY ", "ADD ", "WORKDIR "]
            .iter()
            .any(|keyword| step.name.contains(&format!("] {keyword}")));
        if is_of_the_file {
            assert!(step.cached, "{step:?} ran again:\n{}", outcome.text());
            count += 1;
        }
    }
    assert!(count >= 7, "steps are missing:\n{}", outcome.text());
}

#[test]
fn a_dockerfile_makes_the_files_that_it_says() {
    let project = project();
    project.write("Stagefile", &ours());
    let files = project.build().files();
    assert_eq!(
        files.text("both"),
        format!("content\n{}\n", project.token())
    );
    assert_eq!(files.text("files/heredoc"), "heredoc 1\n");
    assert_eq!(files.text("files/X"), "not $VERSION\n");
    assert_eq!(files.text("files/Y"), "is 1\n");
}

/// The frontend in Docker 28.5 doesn't know it yet.
#[test]
fn parents_are_kept() {
    let project = project();
    project.write(
        "Stagefile",
        &format!(
            "# syntax={}\nFROM scratch\n# @TOKEN@\nCOPY --parents --chmod=0640 ./src/./a src/a /p/\n",
            frontend()
        ),
    );
    let files = project.build().files();
    assert_eq!(files.text("p/a"), "content\n");
    assert_eq!(files.entry("p/src/a").mode, 0o640);
}

#[test]
fn what_this_frontend_built_dockers_own_takes_from_the_cache() {
    let project = project();
    project.write("Stagefile", &ours());
    _ = project.build().succeed();
    project.write("Stagefile", FILE);
    assert_all_cached(&project.build().succeed());
}

#[test]
fn what_dockers_own_built_this_frontend_takes_from_the_cache() {
    let project = project();
    project.write("Stagefile", FILE);
    _ = project.build().succeed();
    project.write("Stagefile", &ours());
    assert_all_cached(&project.build().succeed());
}

#[test]
fn a_mistake_is_shown_with_its_line() {
    let project = project();
    project.write(
        "Stagefile",
        &format!("# syntax={}\nFROM busybox:1.35\nRUM true\n", frontend()),
    );
    let outcome = project.build().fail();
    outcome.assert_shows("unknown instruction: RUM (did you mean RUN?)");
    assert_eq!(outcome.marked_lines(), [3]);
}

#[test]
fn a_failing_step_is_shown_with_its_line() {
    let project = project();
    project.write(
        "Stagefile",
        &format!("# syntax={}\nFROM busybox:1.35\nRUN exit 3\n", frontend()),
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 3");
    assert_eq!(outcome.marked_lines(), [3]);
}

#[test]
fn questions_about_a_dockerfile_are_answered() {
    let project = project();
    project.write("Stagefile", &ours());
    let targets = project.build().option("--call=targets").succeed();
    targets.assert_shows("build");
    let outline = project
        .build()
        .target("build")
        .option("--call=outline")
        .succeed();
    outline.assert_shows("VERSION");
    project.write(
        "Stagefile",
        &format!("# syntax={}\nFROM busybox:1.35 as x\n", frontend()),
    );
    let check = project.build().option("--call=check").fail();
    check.assert_shows("FromAsCasing");
}

/// All mistakes are reported at once, Docker's first; and the printed file has those corrected that can be.
#[test]
fn a_file_with_mistakes_is_explained_and_corrected() {
    let project = project();
    let head = format!("# syntax={}\n", frontend());
    project.write(
        "Stagefile",
        &format!("{head}FROM busybox:1.35\nCOPPY a /\nSTOPSIGNAL NO\n"),
    );
    let outcome = project.build().fail();
    outcome.assert_shows("unknown instruction: COPPY (did you mean COPY?)");
    outcome.assert_shows("1 more error in Stagefile");
    outcome.assert_shows("error[invalid-dockerfile]: invalid signal: NO");
    project.write(
        "Stagefile",
        &format!("{head}from busybox:1.35 As X\nWORKDIR app\nENV A b c\nCMD httpd -f\n"),
    );
    let fixed = project.build().option("--call=fix").succeed();
    for line in [
        "FROM busybox:1.35 AS x",
        "WORKDIR /app",
        "ENV A=\"b c\"",
        "CMD [\"httpd\", \"-f\"]",
    ] {
        fixed.assert_shows(line);
    }
}
