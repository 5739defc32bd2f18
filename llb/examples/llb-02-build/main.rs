//! 02: a program built from the client's files.
//!
//! The source code is mounted, not copied, so it doesn't become a layer. Two caches keep their
//! content between builds. The result of the run is what it writes to `/out`, not its whole file
//! system:
//!
//! ```text
//! cargo run -p stagefile-llb --example llb-02-build |
//!     buildctl build --local context=examples/02-go-web --output type=local,dest=out
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use buildkit_llb::{Constrain, Exec, Local, MarshalOptions, Mount, Platform, Sharing, State};

/// The `PATH` for Go. A graph doesn't know an image's configuration unless it is set, so commands
/// need an explicit `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    // Only what the build needs is transferred.
    let context = Local::new("context")
        .include(["go.mod", "go.sum", "**/*.go"])
        .into_state();
    let build = State::image("golang:1.19-bookworm")?
        .dir("/src")
        .env("PATH", GO_PATH)
        .env("CGO_ENABLED", "0")
        .run(
            Exec::shell("go build -o /out/server .")
                .mount(Mount::bind("/src", &context).readonly())
                .mount(Mount::cache("/go/pkg/mod").id("go-modules"))
                .mount(
                    Mount::cache("/root/.cache/go-build")
                        .id("go-build")
                        .sharing(Sharing::Locked),
                )
                .mount(Mount::scratch("/out"))
                .named("build the server"),
        );
    let binary = build.output("/out")?;

    let platform = env::args().nth(1).map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let options = MarshalOptions::new().on_platform(platform);
    io::stdout().write_all(&binary.marshal(&options).to_bytes())?;
    Ok(())
}
