//! 04: an image with independent layers.
//!
//! The server goes into a minimal image, together with certificates from another image and a
//! configuration file that is part of the graph. The three don't depend on each other: each is
//! built separately on the base, and its changes are merged. If one changes, the layers of the
//! others stay the same.
//!
//! ```text
//! cargo run -p stagefile-llb --example llb-04-layers |
//!     buildctl build --local context=examples/02-go-web --output type=oci,dest=image.tar
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use buildkit_llb::{
    Constrain, Copy, Exec, Local, MarshalOptions, Mkdir, Mkfile, Mount, Owner, Platform, State,
    Timestamp,
};

/// The `PATH` for Go. A graph doesn't know an image's configuration unless it is set, so commands
/// need an explicit `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let context = Local::new("context")
        .include(["go.mod", "go.sum", "**/*.go"])
        .into_state();
    let go = State::image("golang:1.19-bookworm")?;
    let build = Exec::shell("go build -o /out/server .")
        .dir("/src")
        .env("PATH", GO_PATH)
        .env("CGO_ENABLED", "0")
        .mount(Mount::bind("/src", &context).readonly())
        .mount(Mount::cache("/root/.cache/go-build").id("go-build"))
        .mount(Mount::scratch("/out"))
        .named("build the server");
    let binary = go.run(build).output("/out")?;

    // With a fixed time and owner, a file is identical whenever and wherever it is created.
    let epoch = Timestamp::from_seconds(0)?;
    let base = State::image("gcr.io/distroless/static-debian12:nonroot")?;
    let server = base.file(
        Copy::new(&binary, "/server", "/server")
            .mode(0o755)
            .owner(Owner::ids(0, 0))
            .created(epoch),
    );
    let certificates = base.file(
        Copy::new(&go, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/")
            .parents()
            .created(epoch),
    );
    let configuration = base.file(
        Mkdir::new("/etc/server", 0o755)
            .parents()
            .created(epoch)
            .then(Mkfile::new("/etc/server/config", 0o644, "port = 8080\n").created(epoch))
            .named("write the configuration"),
    );
    let image = State::parallel(&base, [&server, &certificates, &configuration]);

    let platform = env::args().nth(1).map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let options = MarshalOptions::new().on_platform(platform);
    io::stdout().write_all(&image.marshal(&options).to_bytes())?;
    Ok(())
}
