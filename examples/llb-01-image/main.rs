//! 01: a process on an image.
//!
//! A graph begins with a source, here an image. Running a process gives a new state; the old one
//! stays as it was. What is written to standard output is the graph, for `buildctl` to build:
//!
//! ```text
//! cargo run -p buildkit-llb --example llb-01-image | buildctl build --output out
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use buildkit_llb::{Constrain, Exec, MarshalOptions, Platform, State};

fn main() -> Result<(), Box<dyn Error>> {
    let base = State::image("golang:1.22-alpine")?;
    let greeted = base
        .run(Exec::shell("go version > /version").named("ask for Go's version"))
        .root();

    // The platform may be given as an argument; without one it is the one this runs on.
    let platform = env::args().nth(1).map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let options = MarshalOptions::new().on_platform(platform);
    io::stdout().write_all(&greeted.marshal(&options).to_bytes())?;
    Ok(())
}
