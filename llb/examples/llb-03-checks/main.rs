//! 03: the program, if its tests pass.
//!
//! Build and tests start from the same state and run at the same time. The binary is there only if
//! the tests pass, and nothing of the tests is in it. Which operation says so depends on what the
//! daemon can do; a frontend asks it, and here an argument `--old` stands for one that can't do
//! much.
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

/// Where Go is. A graph knows nothing of an image's configuration unless it is given it, so commands
/// have to be told `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let context = Local::new("context")
        .include(["go.mod", "go.sum", "**/*.go"])
        .into_state();
    let go = State::image("golang:1.19-bookworm")?
        .dir("/src")
        .env("PATH", GO_PATH)
        .env("CGO_ENABLED", "0");
    // What both runs have in common.
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
        Support::of([Capability::FileBase])
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
