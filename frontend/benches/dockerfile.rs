//! The cost of compiling a Dockerfile, from its text to marshalled LLB and the image config, for several shapes and
//! sizes.
//!
//! `cargo bench -p stagefile --bench dockerfile` prints the table of [`harness`].
//!
//! `DOCKERFILE_COMPILER` names another compiler to measure on the same files in the same run: a program that takes a
//! file and a number, compiles the file that many times, and prints the CPU time of one compilation in nanoseconds. The
//! last column is how many times as long it takes. It only runs on files of up to 100 stages, which both compile in
//! reasonable time.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod harness;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use buildkit_dockerfile::{
    Answer, Compilation, Dockerfile, LintConfig, Need, Request, ResolvedImage,
};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Constrain as _, Local, MarshalOptions, Platform, SourceMap, Support};

use harness::{CHAIN_OF_VARIABLES, Other, Shape};

const SHAPES: [Shape; 4] = [
    ("fan-in", fan_in),
    ("chain", chain),
    (CHAIN_OF_VARIABLES, chain_of_variables),
    ("one stage of many steps", steps),
];

/// The maximum size of files that another compiler is measured on.
const MAX_OF_OTHERS: usize = 100;

fn stage(text: &mut String, number: usize, from: &str, variable: &str) {
    _ = write!(
        text,
        "FROM {from} AS s{number}\nWORKDIR /src\nENV {variable}=v{number}\nCOPY f{number} .\nRUN make f{number}\n"
    );
}

/// All stages but the last start from one image; the last copies a file from each.
fn fan_in(stages: usize) -> String {
    let mut text = String::new();
    for number in 0..stages - 1 {
        stage(&mut text, number, "alpine:3.20", "STAGE");
    }
    text.push_str("FROM scratch\n");
    for number in 0..stages - 1 {
        _ = writeln!(text, "COPY --from=s{number} /out/f{number} /");
    }
    text
}

/// Each stage starts from the one before, and sets the same variable again.
fn chain(stages: usize) -> String {
    chain_of(stages, |_| "STAGE".to_owned())
}

/// Each stage starts from the one before, and adds a variable.
fn chain_of_variables(stages: usize) -> String {
    chain_of(stages, |number| format!("STAGE{number}"))
}

fn chain_of(stages: usize, variable: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..stages {
        let from = match number.checked_sub(1) {
            None => "alpine:3.20".to_owned(),
            Some(before) => format!("s{before}"),
        };
        stage(&mut text, number, &from, &variable(number));
    }
    text
}

/// One stage with alternating copy and run steps.
fn steps(steps: usize) -> String {
    let mut text = "FROM alpine:3.20\n".to_owned();
    for number in 0..steps / 2 {
        _ = writeln!(text, "COPY f{number} .\nRUN make f{number}");
    }
    text
}

/// The daemon's capabilities, which a frontend learns once.
static SUPPORT: LazyLock<Support> = LazyLock::new(Support::full);

/// Compiles a file, and returns the number of operations.
fn compile(text: &str) -> usize {
    let file = Dockerfile::parse(text, &LintConfig::default());
    let options = Options::parse([("target", "")]).expect("options");
    let map = SourceMap::new("Dockerfile", "Dockerfile", text.to_owned());
    let platforms = [Platform::new("linux", "amd64")];
    let request = Request {
        options: &options,
        platform: None,
        build_platforms: &platforms,
        support: &SUPPORT,
        source_map: &map,
        all_stages: false,
    };
    let mut compilation = Compilation::new(&file, request).expect("the file has no mistakes");
    loop {
        let needs = compilation.needs().expect("the bases have names");
        if needs.is_empty() {
            break;
        }
        for need in needs {
            let Need::Image {
                reference,
                platform,
                stages,
                ..
            } = need
            else {
                continue;
            };
            let mut config = ImageConfig::scratch(&platform);
            config.rootfs.diff_ids = Some(vec!["sha256:aa".to_owned()]);
            let image = ResolvedImage { reference, config };
            let answer = Answer::Image(stages, Ok(image));
            compilation.answer(answer).expect("the base is an image");
        }
    }
    compilation
        .evaluate(&[])
        .expect("the instructions have no mistakes");
    let context = Local::new("context").unique_id("context").into_state();
    let compiled = compilation.finish(&context);
    let options = MarshalOptions::new()
        .on_platform(platforms[0].clone())
        .supported_by(SUPPORT.clone());
    let definition = compiled.state.marshal(&options);
    let config = compiled.image.to_json();
    assert!(!config.is_empty());
    definition.operations().len()
}

/// Runs another compiler, which measures itself.
fn measure_other(text: &str, stages: usize, repetitions: u32) -> Option<Duration> {
    let compiler = env::var_os("DOCKERFILE_COMPILER").filter(|_| stages <= MAX_OF_OTHERS)?;
    let file = env::temp_dir().join(format!("convert-bench-{}.Dockerfile", std::process::id()));
    fs::write(&file, text).ok()?;
    let mut command = Command::new(compiler);
    let output = command.arg(&file).arg(repetitions.to_string()).output();
    // If it is already gone, that is fine.
    _ = fs::remove_file(&file);
    let nanoseconds = String::from_utf8(output.ok()?.stdout).ok()?;
    Some(Duration::from_nanos(nanoseconds.trim().parse().ok()?))
}

fn main() {
    let other: Other = measure_other;
    let is_given = env::var_os("DOCKERFILE_COMPILER").is_some();
    harness::measure(&SHAPES, compile, is_given.then_some(other));
}
