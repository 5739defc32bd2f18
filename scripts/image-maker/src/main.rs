//! Packs static binaries as the frontend's image, without a container engine.
//!
//! ```text
//! stagefile-image [--unlimited] DIRECTORY FRONTEND RUNNER [FRONTEND RUNNER]...
//! ```
//!
//! It writes `DIRECTORY/oci`, an OCI image layout; for each pair `DIRECTORY/stagefile-PROCESSOR.tar`, the image in the format of
//! `docker load`; and `DIRECTORY/stagefile.tar`, the same for the first pair. `FRONTEND` is started by BuildKit, `RUNNER` is
//! mounted into steps of builds. The pairs are for different processors; for several pairs, the layout has an index. The output
//! depends only on the binaries: the same binaries give the same digests. Their sizes are limited, unless `--unlimited` is given
//! for binaries that aren't linked with musl.
//!
//! - [`executable`]: the platform of the binary, and a check that it needs no other file
//! - [`layer`]: the only layer of the image
//! - [`image`]: the configuration and the manifest for one platform
//! - [`blob`]: content by digest
//! - [`layout`]: the two formats on disk

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

/// The name under which `docker load` stores the image, as in a `# syntax=` line.
const NAME: &str = "stagefile/stagefile:dev";

/// The maximum size of the unpacked image in bytes: every user of the language pulls it.
const SIZE_LIMIT: usize = 5_960_000;

/// The maximum compressed size in bytes. Other compilers and source paths make a difference of some kilobytes.
const COMPRESSED_LIMIT: usize = 3_250_000;

/// The maximum size of the program for steps in bytes: it is part of the graph if a daemon doesn't report the image that started
/// the frontend.
const RUNNER_LIMIT: usize = 800_000;

const USAGE: &str =
    "usage: stagefile-image [--unlimited] DIRECTORY FRONTEND RUNNER [FRONTEND RUNNER]...";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not returned from `main`, which would print a backtrace: the mistake is in the user's file.
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

/// Creates the image for one platform, and prints its size.
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

/// Reads a program, and determines its platform.
fn executable(path: &Path) -> anyhow::Result<(Vec<u8>, Architecture)> {
    let content = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let executable = Executable::parse(&content)
        .with_context(|| format!("`{}` cannot be part of the image", path.display()))?;
    Ok((content, executable.architecture()))
}
