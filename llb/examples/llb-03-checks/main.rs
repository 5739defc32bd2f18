//! 03: the program, if its tests pass.
//!
//! Build and tests start from the same state and run in parallel. The binary is only produced if
//! the tests pass, and contains nothing of them. The operation used for this depends on the
//! daemon's capabilities; a frontend asks the daemon for them, and here the argument `--old`
//! simulates a daemon with few of them.
//!
//! ```text
//! cargo run -p stagefile-llb --example llb-03-checks |
//!     buildctl build --local context=examples/02-go-web --output type=local,dest=out
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Write};

use buildkit_llb::{
    Capability, Constrain, Exec, Local, MarshalOptions, Mount, Platform, State, Support,
};

/// The `PATH` for Go. A graph doesn't know an image's configuration unless it is set, so commands
/// need an explicit `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let context = Local::new("context")
        .include(["go.mod", "go.sum", "**/*.go"])
        .into_state();
    let go = State::image("golang:1.19-bookworm")?
        .dir("/src")
        .env("PATH", GO_PATH)
        .env("CGO_ENABLED", "0");
    // Options that both runs share.
    let with_go = |exec: Exec| {
        exec.mount(Mount::bind("/src", &context).readonly())
            .mount(Mount::cache("/go/pkg/mod").id("go-modules"))
            .mount(Mount::cache("/root/.cache/go-build").id("go-build"))
    };

    let build = Exec::shell("go build -o /out/server .")
        .mount(Mount::scratch("/out"))
        .named("build the server");
    let binary = go.run(with_go(build)).output("/out")?;
    let test = Exec::shell("go test ./...").named("test everything");
    let tested = go.run(with_go(test)).root();

    let arguments: Vec<String> = env::args().skip(1).collect();
    let support = if arguments.iter().any(|argument| argument == "--old") {
        Support::from_capabilities([Capability::FileBase])
    } else {
        Support::full()
    };
    let checked = binary.requires_supported(&support, "tests", [&tested])?;

    let platform = arguments
        .iter()
        .find(|argument| !argument.starts_with("--"));
    let platform = platform.map(|argument| argument.parse()).transpose()?;
    let options = MarshalOptions::new().on_platform(platform.unwrap_or_else(Platform::host));
    io::stdout().write_all(&checked.marshal(&options).to_bytes())?;
    Ok(())
}
