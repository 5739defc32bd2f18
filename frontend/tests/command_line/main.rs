//! The command line on Dockerfiles: the same subcommands, formats and exit codes as on Stagefiles.

mod bounds;
mod check;
mod completions;
mod diff;
mod files;
mod tools;

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
    // A program that doesn't read its input may have ended already.
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
