//! Packs static binaries as the frontend's image, without a container engine.
//!
//! ```text
//! stagefile-image FRONTEND RUNNER DIRECTORY
//! ```
//!
//! writes `DIRECTORY/oci`, an OCI image layout, and `DIRECTORY/stagefile.tar`, the same image as `docker load`
//! takes it. `FRONTEND` is what BuildKit starts, `RUNNER` what builds mount into their steps. The output depends on the two
//! alone: the same binaries give the same digests.
//!
//! - [`executable`]: what the binary is built for, and that it needs no other file
//! - [`layer`]: the one layer of the image
//! - [`image`]: configuration and manifest
//! - [`blob`]: content by digest
//! - [`layout`]: the two forms on disk

mod blob;
mod executable;
mod image;
mod layer;
mod layout;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};

use crate::executable::{Architecture, Executable};
use crate::image::Image;
use crate::layer::Layer;

/// Name under which `docker load` stores the image, as a `# syntax=` line names it.
const NAME: &str = "stagefile/stagefile:dev";

/// Largest size in bytes of the unpacked image: every user of the language pulls it.
const SIZE_LIMIT: usize = 6_000_000;

/// Largest size in bytes of what is pulled. Other compilers and paths of sources make some kilobytes of difference.
const COMPRESSED_LIMIT: usize = 3_200_000;

/// Largest size in bytes of the program for steps: it is a part of the graph where a daemon can't say which image started
/// the frontend.
const RUNNER_LIMIT: usize = 1_400_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by returning it from `main`, which would print a backtrace: the user's file is at fault.
            let _ = writeln!(io::stderr(), "stagefile-image: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(frontend), Some(runner), Some(directory), None) = (
        arguments.next(),
        arguments.next(),
        arguments.next(),
        arguments.next(),
    ) else {
        bail!("usage: stagefile-image FRONTEND RUNNER DIRECTORY");
    };
    let (frontend, architecture) = executable(&frontend)?;
    let (runner, of_runner) = executable(&runner)?;
    ensure!(
        architecture == of_runner,
        "frontend and runner are built for different processors"
    );
    let layer = Layer::of_files([("stagefile", &frontend), ("stagefile-run", &runner)])?;
    let unpacked = frontend.len() + runner.len();
    for (what, size, limit) in [
        ("the runner", runner.len(), RUNNER_LIMIT),
        ("the image", unpacked, SIZE_LIMIT),
        (
            "the compressed image",
            layer.blob().bytes().len(),
            COMPRESSED_LIMIT,
        ),
    ] {
        ensure!(
            size < limit,
            "{what} has {size} bytes; it must stay under {limit}"
        );
    }
    let image = Image::new(architecture, &layer)?;
    layout::write_directory(&directory.join("oci"), &image, NAME)?;
    layout::write_archive(&directory.join("stagefile.tar"), &image, NAME)?;

    writeln!(
        io::stdout(),
        "{NAME} for {}: {unpacked} bytes unpacked ({} of them for steps), {} bytes compressed, {}",
        architecture.platform(),
        runner.len(),
        layer.blob().bytes().len(),
        image.manifest().digest()
    )?;
    Ok(())
}

/// Reads a program, and finds out what it is built for.
fn executable(path: &Path) -> anyhow::Result<(Vec<u8>, Architecture)> {
    let content = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let executable = Executable::parse(&content)
        .with_context(|| format!("`{}` cannot be part of the image", path.display()))?;
    Ok((content, executable.architecture()))
}
