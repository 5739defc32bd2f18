//! Packs static binaries as the frontend's image, without a container engine.
//!
//! ```text
//! stagefile-image [--unlimited] DIRECTORY FRONTEND RUNNER [FRONTEND RUNNER]...
//! ```
//!
//! writes `DIRECTORY/oci`, an OCI image layout, for each pair `DIRECTORY/stagefile-PROCESSOR.tar`, the image as `docker load`
//! takes it, and `DIRECTORY/stagefile.tar`, the same for the first pair. `FRONTEND` is what BuildKit starts, `RUNNER` what builds
//! mount into their steps. Pairs are for different processors; of several, the layout has an index. The output depends on the
//! binaries alone: the same ones give the same digests. Their sizes are limited, but with `--unlimited`, for those that are not
//! linked with musl.
//!
//! - [`executable`]: what the binary is built for, and that it needs no other file
//! - [`layer`]: the one layer of the image
//! - [`image`]: configuration and manifest of one platform
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
const SIZE_LIMIT: usize = 5_960_000;

/// Largest size in bytes of what is pulled. Other compilers and paths of sources make some kilobytes of difference.
const COMPRESSED_LIMIT: usize = 3_250_000;

/// Largest size in bytes of the program for steps: it is a part of the graph where a daemon can't say which image started
/// the frontend.
const RUNNER_LIMIT: usize = 800_000;

const USAGE: &str =
    "usage: stagefile-image [--unlimited] DIRECTORY FRONTEND RUNNER [FRONTEND RUNNER]...";

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
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let is_limited = arguments
        .first()
        .is_none_or(|first| first != Path::new("--unlimited"));
    let [directory, programs @ ..] = &arguments[usize::from(!is_limited)..] else {
        bail!(USAGE);
    };
    let (pairs, []) = programs.as_chunks::<2>() else {
        bail!(USAGE);
    };
    ensure!(!pairs.is_empty(), USAGE);
    let mut images: Vec<Image> = Vec::new();
    for [frontend, runner] in pairs {
        let image = pack(frontend, runner, is_limited)?;
        let architecture = image.architecture();
        ensure!(
            images
                .iter()
                .all(|other| other.architecture() != architecture),
            "two frontends are built for {}",
            architecture.platform()
        );
        let archive = format!("stagefile-{}.tar", architecture.name());
        layout::write_archive(&directory.join(archive), &image, NAME)?;
        images.push(image);
    }
    layout::write_archive(&directory.join("stagefile.tar"), &images[0], NAME)?;
    layout::write_directory(&directory.join("oci"), &images, NAME)
}

/// Makes the image of one platform, and says how large it is.
fn pack(frontend: &Path, runner: &Path, is_limited: bool) -> anyhow::Result<Image> {
    let (frontend, architecture) = executable(frontend)?;
    let (runner, of_runner) = executable(runner)?;
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
            size < limit || !is_limited,
            "{what} for {} has {size} bytes; it must stay under {limit}",
            architecture.platform()
        );
    }
    let image = Image::new(architecture, &layer)?;
    writeln!(
        io::stdout(),
        "{NAME} for {}: {unpacked} bytes unpacked ({} of them for steps), {} bytes compressed, {}",
        architecture.platform(),
        runner.len(),
        layer.blob().bytes().len(),
        image.manifest().digest()
    )?;
    Ok(image)
}

/// Reads a program, and finds out what it is built for.
fn executable(path: &Path) -> anyhow::Result<(Vec<u8>, Architecture)> {
    let content = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let executable = Executable::parse(&content)
        .with_context(|| format!("`{}` cannot be part of the image", path.display()))?;
    Ok((content, executable.architecture()))
}
