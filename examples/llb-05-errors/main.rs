//! 05: a graph that tells where it comes from.
//!
//! Graphs are mostly made from a file that a user wrote: here a list of commands, one a line. Each
//! vertex carries its line, so that a client shows the line of a command that fails. Secrets are
//! given to commands that need them, and what is made is shown on standard error as a tree.
//!
//! ```text
//! cargo run -p buildkit-llb --example llb-05-errors -- examples/llb-05-errors/steps.txt |
//!     buildctl build --local context=. --secret id=token,src=token --output out
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};

use buildkit_llb::{
    Constrain, Exec, Graph, MarshalOptions, Mount, Platform, ProgressGroup, Range, Secret,
    SourceMap, State,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let filename = arguments.next().ok_or("which file has the steps?")?;
    let steps = fs::read_to_string(&filename)?;
    let map = SourceMap::new(&*filename, "Text", steps.clone());

    let context = State::local("context");
    let group = ProgressGroup::new("steps", "steps");
    let mut state = State::image("golang:1.22-alpine")?.dir("/src");
    for (line, number) in steps.lines().zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut exec = Exec::words(line)?
            .mount(Mount::bind("/src", &context).readonly())
            .named(format!("[{number}] {line}"))
            .grouped(group.clone())
            .located(&map, [Range::line(number)]);
        if line.contains("/run/secrets/token") {
            exec = exec.secret(Secret::file("/run/secrets/token").id("token"));
        }
        state = state.run(exec).root();
    }

    let platform = arguments.next().map(|argument| argument.parse());
    let platform = platform.transpose()?.unwrap_or_else(Platform::host);
    let definition = state.marshal(&MarshalOptions::new().on_platform(platform));
    write!(io::stderr(), "{}", Graph::read(&definition)?)?;
    io::stdout().write_all(&definition.to_bytes())?;
    Ok(())
}
