//! 01: a process on an image.
//!
//! A graph begins with a source, here an image. Running a process gives a new state; the old one
//! stays as it was. What is written to standard output is the graph, for `buildctl` to build; the
//! archive then has all of the image, and one file more:
//!
//! ```text
//! cargo run -p stagefile-llb --example llb-01-image |
//!     buildctl build --output type=tar,dest=image.tar
//! tar --extract --to-stdout --file image.tar version
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use buildkit_llb::{Constrain, Exec, MarshalOptions, Platform, State};

/// Where Go is. A graph knows nothing of an image's configuration unless it is given it, so commands
/// have to be told `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let base = State::image("golang:1.19-bookworm")?.env("PATH", GO_PATH);
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
