//! End-to-end tests: Stagefiles built by `docker buildx build` on a real daemon, with one module per feature.
//!
//! Each test checks what a build did, made or reported, not just its exit code. `scripts/test e2e` runs them, with the
//! daemon and the images that they need.

mod assertions;
mod attestations;
mod base;
mod build_args;
mod cache_identity;
mod cache_mounts;
mod cache_presets;
mod cache_transfer;
mod conditions;
mod context;
mod convert;
mod copy;
mod copy_beside_docker;
mod copy_layers;
mod copy_table;
mod diagnostics;
mod dockerfile;
mod dockerfile_cache;
mod dockerfile_stages;
mod elsewhere;
mod environment;
mod every;
mod example_frontends;
mod examples;
mod failing_script;
mod fetch;
mod frontend_image;
mod gallery;
mod git;
mod image_annotations;
mod image_config;
mod image_inherit;
mod imports;
mod layers;
mod limits;
mod lint;
mod llb_bytes;
mod lock;
mod manual;
mod matrix;
mod missing_paths;
mod mkdir;
mod mounts;
mod multi_platform;
mod named_contexts;
mod network;
mod no_cache;
mod origins;
mod outputs;
mod parallel;
mod parallel_stages;
mod permissions;
mod platform;
mod projects;
mod questions;
mod rebuild;
mod remove;
mod reports;
mod requires;
mod retry;
mod scripts;
mod secrets;
mod ssh;
mod stages;
mod standard_library;
mod symlink;
mod target;
mod templates;
mod timeout;
mod times;
mod tools;
mod vcs;
mod write;

use std::fs;
use std::path::Path;

#[test]
fn every_file_is_a_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e");
    let main = fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(
            module == "main" || main.contains(&format!("\nmod {module};\n")),
            "{name} is not listed in main.rs"
        );
    }
}
