//! 05: a graph with source locations.
//!
//! Graphs are usually created from a file that a user wrote: here a list of commands, one per line.
//! Each vertex has the location of its line, so that clients show the line of a failing command:
//! make one fail to see it. Secrets are given to the commands that need them, here a signing key,
//! and the graph is printed to standard error as a tree.
//!
//! ```text
//! openssl genrsa -out key.pem
//! cargo run -p stagefile-llb --example llb-05-errors -- llb/examples/llb-05-errors/steps.txt |
//!     buildctl build --local context=examples/02-go-web --secret id=key,src=key.pem \
//!         --output type=local,dest=out
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};

use buildkit_llb::{
    Constrain, Copy, Exec, Graph, MarshalOptions, Mount, Platform, ProgressGroup, Range, Secret,
    SourceMap, State,
};

/// The `PATH` for Go. A graph doesn't know an image's configuration unless it is set, so commands
/// need an explicit `PATH`.
const GO_PATH: &str = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let filename = arguments.next().ok_or("which file has the steps?")?;
    let steps = fs::read_to_string(&filename)?;
    let map = SourceMap::new(&*filename, "Text", steps.clone());

    let context = State::local("context");
    let group = ProgressGroup::new("steps", "steps");
    let mut state = State::image("golang:1.19-bookworm")?
        .dir("/src")
        .env("PATH", GO_PATH)
        .env("CGO_ENABLED", "0");
    for (line, number) in steps.lines().zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut exec = Exec::words(line)?
            .mount(Mount::bind("/src", &context).readonly())
            .named(format!("[{number}] {line}"))
            .grouped(group.clone())
            .located(&map, [Range::line(number)]);
        if line.contains("/run/secrets/key") {
            exec = exec.secret(Secret::file("/run/secrets/key").id("key"));
        }
        state = state.run(exec).root();
    }

    // The result is what the steps leave in `/out`, not their whole file system.
    let result = State::scratch().file(Copy::new(&state, "/out", "/").contents());

    let platform = arguments.next().map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let definition = result.marshal(&MarshalOptions::new().on_platform(platform));
    write!(io::stderr(), "{}", Graph::read(&definition)?)?;
    io::stdout().write_all(&definition.to_bytes())?;
    Ok(())
}
