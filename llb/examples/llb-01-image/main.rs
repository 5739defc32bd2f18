//! 01: a process on an image.
//!
//! A graph begins with a source, here an image. Running a process returns a new state and leaves
//! the old one unchanged. The program writes the graph to standard output, for `buildctl` to build.
//! The resulting archive contains the whole image, plus one file:
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

/// The `PATH` for Go. A graph doesn't know an image's configuration unless it is set, so commands
/// need an explicit `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let base = State::image("golang:1.19-bookworm")?.env("PATH", GO_PATH);
    let greeted = base
        .run(Exec::shell("go version > /version").named("ask for Go's version"))
        .root();

    // The platform can be given as an argument; the default is the current platform.
    let platform = env::args().nth(1).map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let options = MarshalOptions::new().on_platform(platform);
    io::stdout().write_all(&greeted.marshal(&options).to_bytes())?;
    Ok(())
}
