//! Packs a static binary as the frontend's image, without a container engine.
//!
//! ```text
//! stagefile-image BINARY DIRECTORY
//! ```
//!
//! writes `DIRECTORY/oci`, an OCI image layout, and `DIRECTORY/stagefile.tar`, the same image as `docker load`
//! takes it. The output depends on the binary alone: the same binary gives the same digests.
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
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};

use crate::executable::Executable;
use crate::image::Image;
use crate::layer::Layer;

/// Name under which `docker load` stores the image, as a `# syntax=` line names it.
const NAME: &str = "stagefile/stagefile:dev";

/// Largest size in bytes of the unpacked image: every user of the language pulls it.
const SIZE_LIMIT: usize = 4_000_000;

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
    let (Some(binary), Some(directory), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: stagefile-image BINARY DIRECTORY");
    };
    let content =
        fs::read(&binary).with_context(|| format!("cannot read `{}`", binary.display()))?;
    let executable = Executable::parse(&content)
        .with_context(|| format!("`{}` cannot be a frontend", binary.display()))?;
    ensure!(
        content.len() < SIZE_LIMIT,
        "`{}` has {} bytes; the image must stay under {SIZE_LIMIT}",
        binary.display(),
        content.len()
    );
    let layer = Layer::of_file("stagefile", &content)?;
    let image = Image::new(executable.architecture(), &layer)?;
    layout::write_directory(&directory.join("oci"), &image, NAME)?;
    layout::write_archive(&directory.join("stagefile.tar"), &image, NAME)?;

    writeln!(
        io::stdout(),
        "{NAME} for {}: {} bytes unpacked, {} bytes compressed, {}",
        executable.architecture().platform(),
        content.len(),
        layer.blob().bytes().len(),
        image.manifest().digest()
    )?;
    Ok(())
}
