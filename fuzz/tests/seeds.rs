//! Runs every seed through its function, and whole Stagefiles through those that take them.

#![expect(
    clippy::print_stdout,
    reason = "a test that fails says which file it was"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use stagefile_fuzz::{TARGETS, convert, file, tree};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Lists a folder, sorted, without hidden files.
fn list(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Runs a check with a stack of the size of a program's main thread: without optimization, expressions need more than
/// test threads have.
fn with_stack(check: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(8 << 20);
        let running = thread
            .spawn_scoped(scope, check)
            .expect("a thread can be started");
        running.join().expect("the check panics nowhere");
    });
}

#[test]
fn every_seed_keeps_what_has_to_hold() {
    for (target, check) in TARGETS {
        let seeds = list(&Path::new(HERE).join("seeds").join(target));
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for seed in seeds {
            println!("{}", seed.display());
            let data = fs::read(seed).unwrap();
            with_stack(|| check(&data));
        }
    }
}

#[test]
fn every_case_of_the_language_does_too() {
    let mut count = 0;
    for folder in ["../frontend/tests/cases", "../examples"] {
        for case in list(&Path::new(HERE).join(folder)) {
            let Ok(text) = fs::read(case.join("Stagefile")) else {
                continue;
            };
            println!("{}", case.display());
            with_stack(|| tree(&text));
            with_stack(|| file(&text));
            count += 1;
        }
    }
    assert!(count > 10, "where are the cases?");
}

/// Lists the Dockerfiles of other tests.
fn dockerfiles() -> Vec<PathBuf> {
    let folders = ["../frontend/tests/convert", "../tests/e2e/convert"];
    let folders = folders.map(|folder| list(&Path::new(HERE).join(folder)));
    let files = folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join("Dockerfile"));
    let mut files: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
    files.extend(list(&Path::new(HERE).join("../tests/e2e/dockerfile_cache")));
    files.extend(list(&Path::new(HERE).join("seeds/dockerfile")));
    files.extend(list(&Path::new(HERE).join("seeds/dockerfile_fix")));
    files
}

#[test]
fn every_dockerfile_of_other_tests_can_be_converted_or_is_refused() {
    let files = dockerfiles();
    assert!(files.len() > 40, "where are the files?");
    for file in files {
        println!("{}", file.display());
        let text = fs::read(&file).unwrap();
        with_stack(|| convert(&text));
    }
}

#[test]
fn every_target_is_a_program_and_a_folder_of_seeds() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    for folder in ["fuzz_targets", "seeds"] {
        let found: Vec<String> = list(&Path::new(HERE).join(folder))
            .iter()
            .map(|path| name(path))
            .collect();
        assert_eq!(found, names, "{folder}");
    }
}
