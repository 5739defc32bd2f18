//! Graphs of several shapes, of any size.

use buildkit_llb::{
    Constrain, Exec, FileAction, MarshalOptions, Merge, Mount, Platform, State, Support,
};

/// A shape of graphs: its name, and a function that makes one with this many vertices.
pub(crate) type Shape = (&'static str, fn(usize) -> State);

pub(crate) const SHAPES: [Shape; 6] = [
    ("chain of execs", chain_of_execs),
    ("chain of file operations", chain_of_files),
    ("wide: files, merged", wide_files),
    ("wide: execs, merged", wide_execs),
    ("one exec with mounts", exec_with_mounts),
    ("fan-in diamonds", diamonds),
];

fn base() -> State {
    State::local("base")
}

fn chain_of_execs(size: usize) -> State {
    (0..size).fold(base(), |state, _| state.run(Exec::shell("make")).root())
}

fn chain_of_files(size: usize) -> State {
    (0..size).fold(base(), |state, _| {
        state.file(FileAction::mkdir("/d", 0o755))
    })
}

fn wide_files(size: usize) -> State {
    let files = (0..size).map(|number| {
        let content = number.to_string();
        State::scratch().file(FileAction::mkfile("/f", 0o644, content))
    });
    Merge::new(&files.collect::<Vec<_>>()).into_state()
}

fn wide_execs(size: usize) -> State {
    let base = base();
    let runs = (0..size).map(|number| base.run(Exec::shell(number.to_string())).root());
    Merge::new(&runs.collect::<Vec<_>>()).into_state()
}

/// Each mount has its own source.
fn exec_with_mounts(size: usize) -> State {
    let mounts = (0..size).map(|number| {
        let source = State::scratch().file(FileAction::mkfile("/f", 0o644, number.to_string()));
        Mount::bind(format!("/mount/{number:08}"), &source).readonly()
    });
    let exec = mounts.fold(Exec::shell("make"), Exec::mount);
    base().run(exec).root()
}

/// Each diamond has two execs on top of the previous one, and a copy from the result of one into that of the other.
fn diamonds(size: usize) -> State {
    (0..size / 3).fold(base(), |state, _| {
        let left = state.run(Exec::shell("left")).root();
        let right = state.run(Exec::shell("right")).root();
        left.file(FileAction::copy(&right, "/out", "/in"))
    })
}

/// Options that give the same bytes in every run.
pub(crate) fn options() -> MarshalOptions {
    MarshalOptions::new()
        .supported_by(Support::full())
        .local_unique_id("bench")
        .on_platform(Platform::new("linux", "amd64"))
}
